//! Assembles a node: the one place where the engine is instantiated, with the real runtime, the real
//! network and the applications that `modules` names.
//!
//! Keys and configuration are read ([`config`], [`keys`]); the member's engine is started over the
//! network ([`p2p`]); final blocks flow to the index and on to clients ([`feed`], [`hot`],
//! [`backend`]); the RPC serves. Requests to open are judged by what this node holds to be final
//! (`finality`) and answered with its share ([`seal_share`]), which it has from the members'
//! [`ceremony`], or with the network's own key from its [`founding`]. What the ledger says that this member keeps is fetched, and what was erased deleted
//! (`keeper`). [`store`] keeps one member's files from another, `failure` says what it means when the
//! engine ends. [`devnet`] lays out whole networks for development.

mod accounts;
pub mod application;
mod asking;
pub mod backend;
pub mod backup;
pub mod ceremony;
mod clients;
pub mod config;
pub mod devnet;
mod disk;
pub mod error;
mod failure;
pub mod feed;
mod finality;
mod first_share;
pub mod founding;
pub mod hot;
mod keeper;
pub mod keys;
pub mod limits;
pub mod membership;
pub mod modules;
pub mod p2p;
pub mod presence;
pub mod roster;
pub mod run;
pub mod seal_share;
pub mod store;

pub use error::NodeError;
pub use run::{Options, read_genesis, run};
