//! Checking stamps: offline, with the network key alone.
//!
//! 1. The header is RLP in its one form; keccak-256 of it is the block's hash.
//! 2. Each descendant is the child of the one before it, the first of the block.
//! 3. The certificate is of the last of them, and the network key verifies it. A certificate covers
//!    its block's ancestors.
//! 4. The claim follows from the header: a transaction and its receipt by the standard tries, entries
//!    of the state by state proofs, a record by running the records module's own view on the proven
//!    entries.
//!
//! What passes is told in [`Findings`].

mod claim;
mod finality;
mod findings;
mod state;
mod view;

use alloy_primitives::B256;
use commonhold_primitives::{Stamp, consensus::NetworkKey, stamp::StampFormError};

pub(crate) use finality::{FinalBlock, finality};
pub(crate) use findings::date;
pub use findings::{
    BlockFinding, EntryFinding, Findings, LogFinding, RecordFinding, Statement, TransactionFinding,
};
pub use state::slots_of_record;
pub use view::{Slots, ViewError};

use crate::abi::Abis;

/// Why a stamp proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Not a stamp.
    #[error(transparent)]
    Form(#[from] StampFormError),
    /// A header is not RLP in its one form, or not one of this kind of network.
    #[error("the {0} header is malformed")]
    Header(&'static str),
    /// A descendant is not the child of the block before it.
    #[error("descendant {0} does not follow the block before it")]
    Descendant(usize),
    /// The certificate does not decode.
    #[error("the certificate is malformed: {0}")]
    Certificate(String),
    /// The certificate is of another block.
    #[error("the certificate is of block {certified}, not of {header}")]
    OtherBlock {
        /// The block that the certificate names.
        certified: B256,
        /// The block of the last header that came with it.
        header: B256,
    },
    /// The network key does not verify the certificate.
    #[error("the certificate is not the network's: it does not verify against the network key")]
    Signature,
    /// Something is not proven to be in the block, or does not decode.
    #[error("the stamp's {part} is not proven: {why}")]
    Claim {
        /// What is not proven.
        part: &'static str,
        /// Why not.
        why: String,
    },
}

/// Reads a stamp's file and checks it.
///
/// # Errors
/// [`StampError`] tells what does not hold.
pub fn verify_file(file: &[u8], key: &NetworkKey, abis: &Abis) -> Result<Findings, StampError> {
    verify(&Stamp::parse(file)?, key, abis)
}

/// Checks a stamp with the network key alone. `abis` only put what is proven into words.
///
/// # Errors
/// [`StampError`] tells what does not hold.
pub fn verify(stamp: &Stamp, key: &NetworkKey, abis: &Abis) -> Result<Findings, StampError> {
    stamp.check()?;
    let checked = finality(&stamp.header, &stamp.descendants, &stamp.certificate, key)?;
    let statement = claim::check(&stamp.claim, &checked.header, abis)?;
    let block = checked.finding(key);
    Ok(Findings { block, statement })
}
