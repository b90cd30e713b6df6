//! Why a node does not start, or stops.

use std::path::PathBuf;

use alloy_primitives::B256;

/// Why a node does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A file of the configuration cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The genesis document.
    #[error(transparent)]
    Genesis(#[from] commonhold_primitives::genesis::GenesisError),
    /// A key file.
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    /// The modules.
    #[error("the modules do not fit together: {0}")]
    Modules(String),
    /// The identity is not one of the network's.
    #[error("the identity {0} is not a member of this network: check `identity` and `genesis`")]
    NotMember(B256),
    /// The share does not belong to the identity.
    #[error("the share does not belong to this member: check `share` and `identity`")]
    WrongShare,
    /// A member's endpoint.
    #[error("the endpoint {endpoint:?} of member {member} is not host:port")]
    Endpoint {
        /// The member's key.
        member: B256,
        /// What stands there.
        endpoint: String,
    },
    /// The engine.
    #[error(transparent)]
    Engine(#[from] commonhold_chain::engine::StartError),
    /// The index.
    #[error(transparent)]
    Index(#[from] commonhold_index::IndexError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] commonhold_vault::VaultError),
    /// The HTTP port.
    #[error("cannot serve clients on {listen}: {source}")]
    Listen {
        /// The address.
        listen: std::net::SocketAddr,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The journal of pending transactions.
    #[error("the journal of pending transactions cannot be opened: {0}")]
    Journal(#[source] commonware_runtime::Error),
    /// The HTTP server.
    #[error(transparent)]
    Serve(#[from] commonhold_rpc::ServeError),
    /// The engine ended while the node ran.
    #[error("the engine has stopped: see the log above")]
    Stopped,
}
