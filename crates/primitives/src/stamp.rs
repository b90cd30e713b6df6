//! Stamps: a small file that convinces anyone, offline, with the network key alone.
//!
//! JSON, written in one form only (two spaces, the fields in this order, bytes as `0x` and lower-case
//! hex, a line feed at the end), so that no byte of it can change unnoticed:
//!
//! ```text
//! version      1
//! header       the block's RLP header; keccak-256 of it is the block's hash
//! descendants  RLP headers of the blocks after it, up to the one that the certificate names; most
//!              often none. A certificate covers the ancestors of its block, and not every block has
//!              one of its own
//! certificate  the engine's encoding of the finalization: proposal (round, parent view, block hash)
//!              and the network's signature
//! claim        what is stamped
//!   kind         "transaction"
//!   index        its place in the block
//!   raw          the EIP-2718 transaction
//!   proof        nodes of the transactions trie from the root down
//!   receipt      the EIP-2718 receipt with its bloom
//!   receiptProof nodes of the receipts trie from the root down
//! or
//!   kind         "state"
//!   entries      each: address, slot (null: the account itself), proof (a state proof)
//! or
//!   kind         "record"
//!   id           the record
//!   entries      those that the records module's `record(id)` reads, as above
//! digest       keccak-256 of all of this as JSON without white space and without the digest
//! ```
//!
//! The digest proves nothing to a stranger: whoever changes a stamp can make it anew. It is there
//! because a proof of absence holds for many keys, so that a slip in a key would go unnoticed.
//!
//! This module has the file's form; `commonhold-sdk` checks what it says.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use serde::{Deserialize, Serialize};

use crate::{
    StateKey,
    limits::{STAMP_BYTES_MAX, STAMP_DESCENDANTS_MAX, STAMP_ENTRIES_MAX},
};

/// The version we write and read.
pub const VERSION: u32 = 1;

/// A stamp, as it is written. Nothing of it is checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stamp {
    /// [`VERSION`].
    pub version: u32,
    /// The RLP header.
    pub header: Bytes,
    /// The RLP headers between it and the certified block, which is the last of them.
    pub descendants: Vec<Bytes>,
    /// The encoded certificate.
    pub certificate: Bytes,
    /// What is stamped.
    pub claim: Claim,
}

/// What a stamp is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Claim {
    /// A transaction stands in the block, and did what its receipt says.
    Transaction {
        /// Its place in the block.
        index: u64,
        /// Its EIP-2718 bytes.
        raw: Bytes,
        /// Nodes of the transactions trie.
        proof: Vec<Bytes>,
        /// Its EIP-2718 receipt with bloom.
        receipt: Bytes,
        /// Nodes of the receipts trie.
        receipt_proof: Vec<Bytes>,
    },
    /// Entries of the state have these values, or are absent.
    State {
        /// The entries.
        entries: Vec<Entry>,
    },
    /// A record is registered, or is not.
    Record {
        /// The record.
        id: B256,
        /// The entries that tell.
        entries: Vec<Entry>,
    },
}

/// One entry of the state with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The account.
    pub address: Address,
    /// The storage slot; `None` for the account itself.
    pub slot: Option<U256>,
    /// The encoded state proof.
    pub proof: Bytes,
}

impl Entry {
    /// The entry's key in the state.
    pub fn key(&self) -> StateKey {
        self.slot.map_or(StateKey::Account(self.address), |slot| {
            StateKey::Slot(self.address, slot)
        })
    }
}

/// Why bytes are not a stamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampFormError {
    /// Longer than a stamp can be.
    #[error("{0} bytes exceed STAMP_BYTES_MAX ({STAMP_BYTES_MAX})")]
    TooLong(usize),
    /// Not JSON of the expected form.
    #[error("not a stamp: {0}")]
    Parse(String),
    /// Of a version that this program does not know.
    #[error("stamp version {0} is not known")]
    Version(u32),
    /// More entries than a stamp may have.
    #[error("{0} entries exceed STAMP_ENTRIES_MAX ({STAMP_ENTRIES_MAX})")]
    TooManyEntries(usize),
    /// More headers than a stamp may have.
    #[error("{0} headers exceed STAMP_DESCENDANTS_MAX ({STAMP_DESCENDANTS_MAX})")]
    TooManyDescendants(usize),
    /// A part of it was changed.
    #[error("the stamp has been changed: its digest does not fit")]
    Digest,
    /// It says something, but is not written as stamps are.
    #[error(
        "the stamp has been changed or reformatted: it is not in the one form that stamps have"
    )]
    Form,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Written<S> {
    #[serde(flatten)]
    stamp: S,
    digest: B256,
}

impl Stamp {
    /// Reads a stamp's file.
    ///
    /// # Errors
    /// Refuses every file but the one that [`Self::to_json`] writes.
    pub fn parse(file: &[u8]) -> Result<Self, StampFormError> {
        if file.len() > STAMP_BYTES_MAX {
            return Err(StampFormError::TooLong(file.len()));
        }
        let Written { stamp, digest } = serde_json::from_slice::<Written<Self>>(file)
            .map_err(|e| StampFormError::Parse(e.to_string()))?;
        stamp.check()?;
        if stamp.digest() != digest {
            return Err(StampFormError::Digest);
        }
        if stamp.to_json() == file {
            Ok(stamp)
        } else {
            Err(StampFormError::Form)
        }
    }

    /// Checks version and limits; [`Self::parse`] has done that.
    ///
    /// # Errors
    /// Names what is not kept.
    pub const fn check(&self) -> Result<(), StampFormError> {
        if self.version != VERSION {
            return Err(StampFormError::Version(self.version));
        }
        if self.descendants.len() > STAMP_DESCENDANTS_MAX {
            return Err(StampFormError::TooManyDescendants(self.descendants.len()));
        }
        if let Claim::State { entries } | Claim::Record { entries, .. } = &self.claim
            && entries.len() > STAMP_ENTRIES_MAX
        {
            return Err(StampFormError::TooManyEntries(entries.len()));
        }
        Ok(())
    }

    /// The stamp's file.
    pub fn to_json(&self) -> Vec<u8> {
        let written = Written {
            stamp: self,
            digest: self.digest(),
        };
        let mut file = serde_json::to_vec_pretty(&written).unwrap_or_default();
        file.push(b'\n');
        file
    }

    fn digest(&self) -> B256 {
        keccak256(serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        let entry = Entry {
            address: crate::system::RECORDS,
            slot: Some(U256::from(7)),
            proof: Bytes::from_static(&[1]),
        };
        Stamp {
            version: VERSION,
            header: Bytes::from_static(&[0xc0]),
            descendants: vec![Bytes::from_static(&[0xc1, 1])],
            certificate: Bytes::from_static(&[0xab]),
            claim: Claim::State {
                entries: vec![
                    entry.clone(),
                    Entry {
                        slot: None,
                        ..entry
                    },
                ],
            },
        }
    }

    #[test]
    fn the_form_is_pinned() {
        let expected = r#"{
  "version": 1,
  "header": "0xc0",
  "descendants": [
    "0xc101"
  ],
  "certificate": "0xab",
  "claim": {
    "kind": "state",
    "entries": [
      {
        "address": "0xc000000000000000000000000000000000000004",
        "slot": "0x7",
        "proof": "0x01"
      },
      {
        "address": "0xc000000000000000000000000000000000000004",
        "slot": null,
        "proof": "0x01"
      }
    ]
  },
  "digest": "0xdf6b71ae9a96d3ae1f7b6067ed5cd0a02edf7aab36b1e953fdc9a70a57b0d70c"
}
"#;
        assert_eq!(String::from_utf8(stamp().to_json()).unwrap(), expected);
        assert_eq!(Stamp::parse(expected.as_bytes()).unwrap(), stamp());
    }

    #[test]
    fn another_form_of_the_same_is_refused() {
        let file = String::from_utf8(stamp().to_json()).unwrap();
        for changed in [
            file.replace("0xab", "0xAB"),
            file.replace("0xab", "ab"),
            file.replace("  ", " "),
            file.replace("\n", "\r\n"),
            file.replace("\"0x7\"", "7"),
            file.replace("\"0x7\"", "\"0x8\""),
            file.replace("\"version\": 1,", "\"version\": 1, \"note\": 1,"),
            file.trim_end().to_owned(),
            format!("{file} "),
        ] {
            assert!(Stamp::parse(changed.as_bytes()).is_err(), "{changed}");
        }
        let next = file.replace("\"version\": 1", "\"version\": 2");
        assert_eq!(
            Stamp::parse(next.as_bytes()),
            Err(StampFormError::Version(2))
        );
        assert!(matches!(
            Stamp::parse(&vec![b' '; STAMP_BYTES_MAX + 1]),
            Err(StampFormError::TooLong(_))
        ));
    }
}
