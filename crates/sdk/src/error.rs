//! What can go wrong between a person and a network.

use commonhold_primitives::stamp::StampFormError;
use commonhold_vault::VaultError;

use crate::{abi::Decoded, keystore::KeystoreError, light::NoAnswer, stamp::StampError};

/// The four kinds of failure, each with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The network, or a rule of it, says no: 1.
    Refused,
    /// The question was wrong: 2.
    Usage,
    /// Nobody answers: 3.
    Unavailable,
    /// What came is not what it should be: 4.
    Integrity,
}

impl Kind {
    /// The exit code of a program that ends with this.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unavailable => 3,
            Self::Integrity => 4,
        }
    }
}

/// Why the client did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// The call reverts. The reason is decoded where a module known to the client gave it.
    #[error("refused: {}", reason(.decoded.as_deref(), message))]
    Reverted {
        /// The node's message.
        message: String,
        /// The raw reason.
        data: alloy_primitives::Bytes,
        /// The reason, decoded.
        decoded: Option<Box<Decoded>>,
    },
    /// The node refuses the request.
    #[error("the node refuses: {message}")]
    Refused {
        /// The JSON-RPC error code or the HTTP status.
        code: i64,
        /// The node's message.
        message: String,
    },
    /// What was asked for is not there.
    #[error("not found: {0}")]
    NotFound(String),
    /// The question cannot be put like this.
    #[error("{0}")]
    Usage(String),
    /// The node does not answer, or does not answer sensibly.
    #[error("the node at {node} is not available: {why}")]
    Unavailable {
        /// The node's address.
        node: String,
        /// What happened.
        why: String,
    },
    /// What came is not what the ledger or the asker says it must be.
    #[error("integrity: {0}")]
    Integrity(String),
    /// The keystore refuses.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// Content cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A stamp proves nothing.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// No node gave a light client an answer that holds.
    #[error(transparent)]
    Light(#[from] NoAnswer),
}

fn reason(decoded: Option<&Decoded>, message: &str) -> String {
    decoded.map_or_else(|| message.to_owned(), Decoded::sentence)
}

impl From<StampFormError> for SdkError {
    fn from(e: StampFormError) -> Self {
        Self::Stamp(e.into())
    }
}

impl SdkError {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Reverted { .. } | Self::Refused { .. } | Self::NotFound(_) => Kind::Refused,
            Self::Usage(_) | Self::Keystore(KeystoreError::Name(_)) => Kind::Usage,
            Self::Unavailable { .. } => Kind::Unavailable,
            Self::Integrity(_) | Self::Stamp(_) => Kind::Integrity,
            Self::Light(none) => none.kind(),
            Self::Vault(e) if e.is_integrity() => Kind::Integrity,
            Self::Vault(_) | Self::Keystore(_) => Kind::Refused,
        }
    }
}
