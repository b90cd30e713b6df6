//! Errors as JSON-RPC clients expect them.

use alloy_primitives::Bytes;
use commonhold_index::IndexError;
use commonhold_pool::{NotKept, PoolError, submit::SubmitError};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::value::RawValue;

use crate::backend::Unavailable;

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Parameters that cannot be understood: -32602.
    Params(String),
    /// A refusal in words: -32000.
    Refused(String),
    /// The node cannot take this now: -32000.
    Unready(String),
    /// What was asked for is not known: -32001.
    NotFound(String),
    /// The method or the feature is not supported: -32004.
    Unsupported(String),
    /// A limit is exceeded: -32005. The text names it.
    Limit(String),
    /// Execution reverted: 3, with the raw data.
    Reverted(Bytes),
    /// A waiting call timed out: 4, with the transaction's hash (EIP-7966).
    Timeout(String, Bytes),
    /// One of the codes that `eth_simulateV1` defines.
    Code(i32, String),
    /// Something failed inside the node: -32603.
    Internal(String),
}

/// A call's result.
pub(crate) type Outcome<T> = Result<T, Fault>;

impl Fault {
    pub(crate) fn params(why: impl ToString) -> Self {
        Self::Params(why.to_string())
    }
    pub(crate) fn refused(why: impl ToString) -> Self {
        Self::Refused(why.to_string())
    }
    pub(crate) fn limit(name: &str, max: u64, what: &str) -> Self {
        Self::Limit(format!("{what} exceeds {name} ({max})"))
    }
    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Params(_) => -32602,
            Self::Refused(_) | Self::Unready(_) => -32000,
            Self::NotFound(_) => -32001,
            Self::Unsupported(_) => -32004,
            Self::Limit(_) => -32005,
            Self::Reverted(_) => crate::revert::REVERTED,
            Self::Timeout(..) => 4,
            Self::Code(code, _) => *code,
            Self::Internal(_) => -32603,
        }
    }
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Params(why)
            | Self::Refused(why)
            | Self::Unready(why)
            | Self::NotFound(why)
            | Self::Unsupported(why)
            | Self::Limit(why)
            | Self::Timeout(why, _)
            | Self::Code(_, why)
            | Self::Internal(why) => why,
            Self::Reverted(_) => "execution reverted",
        }
    }
}

impl From<Fault> for ErrorObjectOwned {
    fn from(fault: Fault) -> Self {
        let data = match &fault {
            Fault::Reverted(data) | Fault::Timeout(_, data) => Some(data.clone()),
            _ => None,
        };
        Self::owned(fault.code(), fault.message(), data)
    }
}

impl From<IndexError> for Fault {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Limit { .. } => Self::Limit(error.to_string()),
            IndexError::Range { .. } => Self::Params(error.to_string()),
            IndexError::BelowFloor { .. } => Self::Refused(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Unavailable> for Fault {
    fn from(error: Unavailable) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<NotKept> for Fault {
    fn from(error: NotKept) -> Self {
        Self::Unready(error.to_string())
    }
}

impl From<SubmitError> for Fault {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Unavailable => Self::Internal(error.to_string()),
            SubmitError::Pool(PoolError::NotKept(error)) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<ErrorObjectOwned> for Fault {
    fn from(error: ErrorObjectOwned) -> Self {
        let data = error.data().map(RawValue::get).unwrap_or_default();
        let separator = if data.is_empty() { "" } else { ": " };
        Self::Params(format!("{}{separator}{data}", error.message()))
    }
}
