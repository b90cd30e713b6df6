//! What an on-chain application is.

pub mod host;

pub use host::{BlockInfo, Fault, Host, Outcome};
