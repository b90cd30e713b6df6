//! Gossip messages: transactions one after another, each as
//!
//! ```text
//! length  u32 big-endian, 1..=TRANSACTION_BYTES_MAX
//! body    the EIP-2718 transaction
//! ```
//!
//! until the message ends. A message holds at least one transaction, at most
//! [`GOSSIP_TRANSACTIONS_MAX`], and at most [`GOSSIP_BYTES_MAX`] bytes.

use alloy_primitives::Bytes;
use bytes::BufMut as _;
use commonhold_primitives::limits::TRANSACTION_BYTES_MAX;

use crate::limits::{GOSSIP_BATCH_BYTES, GOSSIP_BYTES_MAX, GOSSIP_TRANSACTIONS_MAX};

/// Why a message is not gossip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Longer than [`GOSSIP_BYTES_MAX`].
    #[error("message of {0} bytes exceeds GOSSIP_BYTES_MAX ({GOSSIP_BYTES_MAX})")]
    TooLong(usize),
    /// It holds nothing.
    #[error("empty message")]
    Empty,
    /// It ends within a transaction.
    #[error("message ends within a transaction")]
    Truncated,
    /// A transaction of no length, or longer than [`TRANSACTION_BYTES_MAX`].
    #[error("transaction of {0} bytes in a message")]
    Length(u64),
    /// More than [`GOSSIP_TRANSACTIONS_MAX`].
    #[error(
        "more than GOSSIP_TRANSACTIONS_MAX ({GOSSIP_TRANSACTIONS_MAX}) transactions in a message"
    )]
    TooMany,
}

/// A message in the making.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    count: usize,
}

impl Batch {
    /// Whether it holds nothing yet.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a transaction of `len` bytes still goes in.
    pub const fn fits(&self, len: usize) -> bool {
        self.count == 0
            || (self.count < GOSSIP_TRANSACTIONS_MAX
                && self.bytes.len().saturating_add(4).saturating_add(len) <= GOSSIP_BATCH_BYTES)
    }

    /// Adds a transaction that fits.
    pub fn push(&mut self, raw: &[u8]) {
        // Transactions are bounded when they are decoded.
        self.bytes
            .put_u32(u32::try_from(raw.len()).unwrap_or(u32::MAX));
        self.bytes.put_slice(raw);
        self.count += 1;
    }

    /// The message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The transactions of a message, not yet looked into. Each owns its bytes, so that a message is not
/// kept for the sake of one of them.
///
/// # Errors
/// Refuses what is not of the form above.
pub fn decode(mut rest: &[u8]) -> Result<Vec<Bytes>, WireError> {
    if rest.len() > GOSSIP_BYTES_MAX {
        return Err(WireError::TooLong(rest.len()));
    }
    let mut raws = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(WireError::Truncated)?;
        let length = u32::from_be_bytes(*length);
        let len = usize::try_from(length)
            .ok()
            .filter(|len| (1..=TRANSACTION_BYTES_MAX).contains(len));
        let len = len.ok_or(WireError::Length(length.into()))?;
        if raws.len() == GOSSIP_TRANSACTIONS_MAX {
            return Err(WireError::TooMany);
        }
        let (body, after) = after.split_at_checked(len).ok_or(WireError::Truncated)?;
        raws.push(Bytes::copy_from_slice(body));
        rest = after;
    }
    if raws.is_empty() {
        Err(WireError::Empty)
    } else {
        Ok(raws)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_not_of_the_form() {
        assert_eq!(decode(&[]), Err(WireError::Empty));
        assert_eq!(decode(&[0, 0, 0]), Err(WireError::Truncated));
        assert_eq!(decode(&[0, 0, 0, 0]), Err(WireError::Length(0)));
        assert_eq!(decode(&[0xff; 8]), Err(WireError::Length(0xffff_ffff)));
        assert_eq!(decode(&[0, 0, 0, 2, 1]), Err(WireError::Truncated));
        assert_eq!(
            decode(&[0, 0, 0, 1, 9].repeat(GOSSIP_TRANSACTIONS_MAX + 1)),
            Err(WireError::TooMany)
        );
        assert!(matches!(
            decode(&vec![0; GOSSIP_BYTES_MAX + 1]),
            Err(WireError::TooLong(_))
        ));
    }

    proptest! {
        #[test]
        fn what_fits_comes_back(lens in proptest::collection::vec(1..=TRANSACTION_BYTES_MAX, 1..8)) {
            let mut batch = Batch::default();
            let mut sent = Vec::new();
            for len in lens {
                if batch.fits(len) {
                    batch.push(&vec![7; len]);
                    sent.push(len);
                }
            }
            let got: Vec<usize> = decode(&batch.into_bytes()).unwrap().iter().map(|raw| raw.len()).collect();
            prop_assert_eq!(got, sent);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = decode(&bytes);
        }
    }
}
