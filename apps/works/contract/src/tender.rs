//! Sealed bids: what binds a bidder before anybody can read the bid.
//!
//! A commitment is `SHA-256("WORKS-BID-v1" ‖ 0x00 ‖ salt ‖ bid)`, the salt 32 random bytes and the bid in
//! canonical JSON (RFC 8785). The bid itself is sealed to the deadline by the network; when it opens, the
//! commitment says whether it is the one that was made.

use sha2::{Digest as _, Sha256};

/// What a commitment begins with.
const DOMAIN: &[u8] = b"WORKS-BID-v1\0";

/// A bid's commitment.
pub fn commitment(salt: &[u8; 32], bid: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(salt);
    hash.update(bid);
    hash.finalize().into()
}

/// Whether a bid and its salt are those that somebody bound themselves to.
pub fn opens(committed: &[u8; 32], salt: &[u8; 32], bid: &[u8]) -> bool {
    commitment(salt, bid) == *committed
}

/// What may be done with a tender at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Bids may be made, and nobody reads one.
    Bidding,
    /// Bids are open, and none is taken any more.
    Opened,
}

/// The phase at a time, by the ledger's clock; the last second still takes bids.
pub const fn phase(deadline: u64, now: u64) -> Phase {
    if now <= deadline {
        Phase::Bidding
    } else {
        Phase::Opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_bid_or_salt_does_not_open() {
        let salt = [7; 32];
        let committed = commitment(&salt, b"{\"price\":1}");
        assert!(opens(&committed, &salt, b"{\"price\":1}"));
        assert!(!opens(&committed, &salt, b"{\"price\":2}"));
        assert!(!opens(&committed, &[8; 32], b"{\"price\":1}"));
    }

    #[test]
    fn a_bid_is_late_one_second_after_the_deadline() {
        assert_eq!(phase(100, 100), Phase::Bidding);
        assert_eq!(phase(100, 101), Phase::Opened);
    }
}
