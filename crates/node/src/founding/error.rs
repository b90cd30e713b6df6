//! Why a founding does not begin, or ends without keys.

use std::path::PathBuf;

use alloy_primitives::B256;
use commonhold_primitives::founding::{ApprovalError, DraftError};
use commonhold_seal::ceremony::CeremonyError;

use crate::{ceremony::CeremonyFailure, error::NodeError};

/// Why a founding does not begin, or ends without keys.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// The founding document.
    #[error("{}: {source}", path.display())]
    Draft {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: DraftError,
    },
    /// This member is not in the document.
    #[error(
        "no member of this founding document has this node's identity key {0}: whoever assembled it lacks \
         your member.json, or `identity` names another key"
    )]
    NotIn(B256),
    /// Another application of this member stands in the document than the one in its own directory.
    #[error(
        "{what} of this member in the founding document is not the one in {}: whoever assembled it has \
         another application of yours", path.display()
    )]
    OtherApplication {
        /// What differs.
        what: &'static str,
        /// This member's own application.
        path: PathBuf,
    },
    /// This member has signed another document.
    #[error(
        "this member has signed the founding document {signed}, and this one is {this}: compare them. To \
         sign another one, once all members agree to, move {} away", path.display()
    )]
    SignedOther {
        /// What it has signed.
        signed: B256,
        /// This document.
        this: B256,
        /// Where that stands.
        path: PathBuf,
    },
    /// This member has not signed the document.
    #[error(
        "this member has not signed the founding document {0}: check it with `commonhold network check`, \
         and sign it with `commonhold network sign`"
    )]
    NotSigned(B256),
    /// A member's signature.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// Signatures were given, and some are missing.
    #[error("not signed by: {0}")]
    Unsigned(String),
    /// Key files, the ceremonies, or the network.
    #[error(transparent)]
    Ceremony(#[from] CeremonyFailure),
}

impl From<NodeError> for FoundingError {
    fn from(error: NodeError) -> Self {
        Self::Ceremony(error.into())
    }
}

impl From<CeremonyError> for FoundingError {
    fn from(error: CeremonyError) -> Self {
        Self::Ceremony(error.into())
    }
}
