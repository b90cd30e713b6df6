//! Why a node does not start, or stops.

use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use commonhold_chain::{engine::StartError, own::Unknown};

use crate::feed::FeedError;

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
    /// The members decided that nodes need a newer version.
    #[error(
        "the members decided that from this epoch on nodes need version {needed}, and this is {own}: \
         install it and start again"
    )]
    Outdated {
        /// The version that is needed.
        needed: String,
        /// This program's.
        own: &'static str,
    },
    /// The identity is not one of the network's.
    #[error(
        "the identity {0} is not a member by the genesis document: check `identity` and `genesis`; a node that was \
         admitted later starts with --join"
    )]
    NotMember(B256),
    /// The share does not belong to the identity.
    #[error("the share does not belong to this member: check `share` and `identity`")]
    WrongShare,
    /// The share of the seal key.
    #[error(transparent)]
    SealShare(#[from] crate::seal_share::SealShareError),
    /// A member's endpoint.
    #[error("the endpoint {endpoint:?} of member {member} is not host:port")]
    Endpoint {
        /// The member's key.
        member: B256,
        /// What stands there.
        endpoint: String,
    },
    /// The store is not this member's.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The engine.
    #[error(transparent)]
    Engine(StartError),
    /// What is stored is not what was stored.
    #[error(
        "the store {} is damaged: {why}. Delete {} and start with --join, which fetches the state from the \
         other members, while they make blocks", engine.display(), engine.display()
    )]
    Damaged {
        /// The engine's part of the data directory.
        engine: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The store is older than what this member has done.
    #[error(
        "{why}. Stop the other process, if there is one; else delete {} and start with --join, which fetches \
         the state from the other members, while they make blocks", engine.display()
    )]
    Stale {
        /// The engine's part of the data directory.
        engine: PathBuf,
        /// What shows it.
        why: Unknown,
    },
    /// A founder has neither a store nor its first share.
    #[error(
        "this member has no store in {}, and no share in {} to begin with: a member that lost its disk starts \
         with --join", data.display(), share.display()
    )]
    Nothing {
        /// The data directory.
        data: PathBuf,
        /// Where the first share would be.
        share: PathBuf,
    },
    /// There is no room.
    #[error(
        "the disk under {} is full: make room and start again; nothing that is final is lost", dir.display()
    )]
    DiskFull {
        /// The data directory.
        dir: PathBuf,
    },
    /// The data directory cannot be written.
    #[error("{} cannot be written: {source}", dir.display())]
    Unwritable {
        /// The data directory.
        dir: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
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
    /// The port for other members.
    #[error("cannot listen for other members on {listen}: {source}")]
    ListenMembers {
        /// The address.
        listen: std::net::SocketAddr,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The journal of pending transactions.
    #[error("the journal of pending transactions cannot be opened: {0}")]
    Journal(#[source] commonware_runtime::Error),
    /// The threads that serve clients.
    #[error("the system gives no threads to serve clients: {0}")]
    Threads(#[source] std::io::Error),
    /// The HTTP server.
    #[error(transparent)]
    Serve(#[from] commonhold_rpc::ServeError),
    /// The engine failed while the node ran.
    #[error("the engine has failed: {0}")]
    Failed(String),
    /// The engine ended while the node ran.
    #[error("the engine has stopped: see the log above")]
    Stopped,
}

/// The engine's part of a data directory.
pub(crate) fn engine_dir(data: &Path) -> PathBuf {
    data.join("engine")
}

impl NodeError {
    /// A store that is damaged.
    pub(crate) fn damaged(data: &Path, why: impl ToString) -> Self {
        Self::Damaged {
            engine: engine_dir(data),
            why: why.to_string(),
        }
    }

    /// A feed that ends.
    pub(crate) fn not_fed(data: &Path, error: FeedError) -> Self {
        match error {
            FeedError::Index(e) => Self::Index(e),
            FeedError::Outcome(e) => Self::damaged(data, e),
            FeedError::Stale(why) => Self::Stale {
                engine: engine_dir(data),
                why,
            },
        }
    }

    /// An engine that does not start.
    pub(crate) fn not_started(data: &Path, error: StartError) -> Self {
        if error.is_damage() {
            Self::damaged(data, error)
        } else {
            Self::Engine(error)
        }
    }
}
