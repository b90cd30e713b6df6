//! Assembles a node.

pub mod config;
pub mod devnet;
pub mod keys;
pub mod limits;

/// Why a node could not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A part of the node is missing.
    #[error("this build has no {0}")]
    Missing(&'static str),
}

/// Runs a node until SIGTERM or SIGINT.
///
/// # Errors
/// Where it cannot start or cannot go on.
pub fn run(_config: config::NodeConfig) -> Result<(), RunError> {
    Err(RunError::Missing("engine"))
}
