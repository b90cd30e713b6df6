//! What members' programs say to one another.
//!
//! ```text
//! status  0 ‖ life u64 ‖ round u64 ‖ result 0, or 1 ‖ keccak-256 of the encoded result 32
//!         ‖ done: count u8, then the place u32 of each member known to have finished, rising
//! step    1 ‖ a message of the key ceremony (`commonhold_seal::ceremony`)
//! proof   2 ‖ round u64 ‖ confirmations of the result by members: varint count, then place u32 and
//!         confirmation 96 of each, rising
//! ```
//! A proof is passed on by one who has finished: confirmations are signed, and it does not matter who
//! brings them. So whoever comes late needs one other member, and not a quorum of them.
//!
//! `life` is drawn anew by each start of the program, so that the others see that it was started again.
//! Integers are big-endian.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use commonhold_primitives::limits::MEMBERS_MAX;
use commonhold_seal::ceremony::{Confirmation, Message};
use commonware_codec::{Copying, Decode as _, Encode as _, RangeCfg};
use zeroize::Zeroizing;

const STATUS: u8 = 0;
const STEP: u8 = 1;
const PROOF: u8 = 2;

/// How far a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// Which start of its program speaks.
    pub(crate) life: u64,
    /// Its round.
    pub(crate) round: u64,
    /// [`commonhold_seal::ceremony::Made::digest`] of the result, once it has written all its files.
    pub(crate) result: Option<B256>,
    /// The places of members that it knows to have finished, itself among them.
    pub(crate) done: BTreeSet<u32>,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wire {
    Status(Status),
    Step(Box<Message>),
    /// A round, and confirmations of its result by place.
    Proof(u64, BTreeMap<u32, Confirmation>),
}

impl Wire {
    /// Its encoding. Secret where it deals.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Step(message) => {
                let message = message.to_bytes();
                let mut bytes = Zeroizing::new(Vec::with_capacity(message.len().saturating_add(1)));
                bytes.push(STEP);
                bytes.extend_from_slice(&message);
                bytes
            }
            Self::Proof(round, confirmations) => {
                let mut bytes = Zeroizing::new(vec![PROOF]);
                bytes.extend_from_slice(&round.to_be_bytes());
                bytes.extend_from_slice(&confirmations.encode());
                bytes
            }
            Self::Status(status) => {
                let mut bytes = Zeroizing::new(vec![STATUS]);
                bytes.extend_from_slice(&status.life.to_be_bytes());
                bytes.extend_from_slice(&status.round.to_be_bytes());
                match status.result {
                    None => bytes.push(0),
                    Some(digest) => {
                        bytes.push(1);
                        bytes.extend_from_slice(digest.as_slice());
                    }
                }
                // MEMBERS_MAX fits.
                bytes.push(u8::try_from(status.done.len()).unwrap_or(u8::MAX));
                for place in &status.done {
                    bytes.extend_from_slice(&place.to_be_bytes());
                }
                bytes
            }
        }
    }

    /// The message of these bytes; `None` where there is none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&STATUS, rest) => Status::from_bytes(rest).map(Self::Status),
            (&STEP, rest) => Message::from_bytes(rest)
                .ok()
                .map(|message| Self::Step(Box::new(message))),
            (&PROOF, rest) => {
                let (round, rest) = rest.split_first_chunk()?;
                let members = usize::try_from(MEMBERS_MAX).ok()?;
                let cfg = (RangeCfg::new(0..=members), ((), ()));
                let confirmations = BTreeMap::decode_cfg(Copying(rest), &cfg).ok()?;
                Some(Self::Proof(u64::from_be_bytes(*round), confirmations))
            }
            _ => None,
        }
    }
}

impl Status {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (life, rest) = bytes.split_first_chunk()?;
        let (round, rest) = rest.split_first_chunk()?;
        let (result, rest) = match rest.split_first()? {
            (0, rest) => (None, rest),
            (1, rest) => {
                let (digest, rest) = rest.split_first_chunk::<32>()?;
                (Some(B256::new(*digest)), rest)
            }
            _ => return None,
        };
        let (&count, rest) = rest.split_first()?;
        let (places, rest) = rest.as_chunks::<4>();
        if u32::from(count) > MEMBERS_MAX || places.len() != usize::from(count) || !rest.is_empty()
        {
            return None;
        }
        let places: Vec<u32> = places.iter().map(|p| u32::from_be_bytes(*p)).collect();
        if !places.is_sorted_by(|a, b| a < b) {
            return None;
        }
        Some(Self {
            life: u64::from_be_bytes(*life),
            round: u64::from_be_bytes(*round),
            result,
            done: places.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn status(result: Option<B256>, done: &[u32]) -> Wire {
        Wire::Status(Status {
            life: 7,
            round: 2,
            result,
            done: done.iter().copied().collect(),
        })
    }

    #[test]
    fn a_status_comes_back_in_one_form_only() {
        for told in [
            status(None, &[]),
            status(Some(B256::repeat_byte(3)), &[0, 2, 99]),
        ] {
            let bytes = told.to_bytes();
            assert_eq!(Wire::from_bytes(&bytes).unwrap(), told);
            for len in 0..bytes.len() {
                assert_eq!(Wire::from_bytes(&bytes[..len]), None, "{len}");
            }
            assert_eq!(Wire::from_bytes(&[&bytes[..], &[0]].concat()), None);
        }
        let bytes = status(None, &[1, 2]).to_bytes();
        let mut swapped = bytes.to_vec();
        let len = swapped.len();
        swapped[len - 5] = 2;
        swapped[len - 1] = 1;
        assert_eq!(Wire::from_bytes(&swapped), None, "falling");
        swapped[len - 1] = 2;
        assert_eq!(Wire::from_bytes(&swapped), None, "twice");
        for kind in 3..=u8::MAX {
            assert_eq!(Wire::from_bytes(&[kind]), None);
        }
        assert_eq!(Wire::from_bytes(&[]), None);
        assert_eq!(Wire::from_bytes(&[STEP, 0, 1]), None);
        assert_eq!(Wire::from_bytes(&[PROOF, 0, 1]), None);
    }
}
