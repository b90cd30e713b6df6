//! Readings in a client's hands: a device's key file, what is to be signed as JSON or as words, and the
//! proof that one reading was anchored.

mod key_file;
mod pack;
mod proof;

use commonhold_reading::ReadingError;

use crate::error::SdkError;

pub use key_file::{device_secret, read_key, write_key};
pub use pack::{pack_from_json, record_from_words};
pub use proof::{ProofError, Proven, ReadingDocument, prove};

impl From<ReadingError> for SdkError {
    fn from(e: ReadingError) -> Self {
        match e {
            ReadingError::WrongSignature
            | ReadingError::WrongProof
            | ReadingError::WrongDevice { .. } => Self::Integrity(e.to_string()),
            e => Self::Usage(e.to_string()),
        }
    }
}
