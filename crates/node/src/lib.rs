//! Assembles a node.

pub mod config;
pub mod devnet;
pub mod keys;
pub mod limits;
