//! How the world talks to a node: Ethereum JSON-RPC over HTTP and WebSocket, REST, and the web app,
//! all on one origin.
//!
//! The node behind it is a [`Backend`]; nothing here knows how consensus works.
//!
//! Invariants:
//! - `latest`, `safe`, `finalized` and `pending` are the same block, and final.
//! - What is wrong with a call is answered with HTTP status 200 and a JSON-RPC error; a batch is
//!   answered entry by entry.
//! - What clients are shown of a header is the header, but for `extraData`: its keccak-256 where it is
//!   longer than 32 bytes, because clients refuse longer ones.
//! - No request is read, and no answer built, beyond its limit in [`limits`].
//! - `Host` and `Origin` are checked before anything is routed.

mod backend;
mod context;
mod convert;
mod error;
mod filters;
mod finalities;
pub mod limits;
mod methods;
mod metrics;
mod page;
mod params;
mod replay;
mod rest;
mod revert;
mod server;
mod session;
mod submit;
mod views;

pub use backend::{Backend, DiskRoom, Head, Loaded, MemberStatus, NodeStatus, Proven, Unavailable};
pub use commonhold_pool::submit::SubmitError;
pub use rest::{openapi, peer_tls};
pub use server::{Config, ServeError, serve, service};
pub use submit::submit;
