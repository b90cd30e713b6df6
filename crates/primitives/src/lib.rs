//! The words every other crate speaks: blocks, transactions, receipts, state keys, the genesis
//! document and the consensus types they are made of.
//!
//! Nothing here executes, stores or sends. What is encoded here is described byte by byte in
//! `docs/formats.md` and pinned by golden files.

pub mod application;
pub mod block;
pub mod consensus;
pub mod epoch;
pub mod extra;
pub mod finalised;
pub mod founding;
pub mod genesis;
pub mod limits;
pub mod opening_key;
pub mod receipt;
pub mod sealing;
pub mod signature;
pub mod stamp;
pub mod state;
pub mod system;
pub mod transaction;
pub mod trie;

pub use block::Block;
pub use consensus::BlockHash;
pub use finalised::Finalised;
pub use genesis::Genesis;
pub use receipt::Receipt;
pub use stamp::Stamp;
pub use state::{Account, StateKey, StateValue};
pub use transaction::Transaction;
