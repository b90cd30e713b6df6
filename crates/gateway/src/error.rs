//! Why a gateway does not start.

use std::path::PathBuf;

use commonhold_sdk::SdkError;

use crate::{config::ConfigError, journal::JournalError};

/// Why a gateway does not start, or ends.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A setting cannot be used.
    #[error("{setting}: {why}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A file or directory cannot be used.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Encrypted batches cannot be kept.
    #[error("the directory of encrypted batches cannot be used: {0}")]
    Bodies(String),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What the node is needed for at the start.
    #[error(transparent)]
    Sdk(#[from] SdkError),
    /// A port cannot be listened on.
    #[error("{address} cannot be listened on: {why}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system says.
        why: std::io::Error,
    },
    /// The system gives no thread or no randomness.
    #[error("the system refuses: {0}")]
    System(String),
}
