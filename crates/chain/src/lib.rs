//! The application of the consensus engine, and its wiring.
//!
//! # What happens to a block
//!
//! * **propose** (the leader's turn): [`pace`] waits until the pool has something or the heartbeat is due;
//!   take transactions round robin over senders, execute them on the parent's state, seal the header.
//! * **process** (everybody): check the header's rules, recover the senders that the pool does not
//!   know, execute, and compare every root of the header with what came out.
//! * **finalized** (everybody, once a quorum's certificate exists): hand the block and its outcome to
//!   the observers, tell the pool, write the outcome to the archive, and only then acknowledge.
//!
//! What execution gave for a block is kept in memory until the block is final ([`outcome`]); QMDB and
//! the engine keep the rest. After a crash the engine replays what was not acknowledged, so every
//! hook here may run twice for a block and gives the same result.
//!
//! # Invariants
//!
//! * Everything is generic over the runtime, the network and the parallelism: no tokio, no clock but
//!   the runtime's, no file but the runtime's storage. The simulator runs this code.
//! * `process` answers "invalid" only where a block is invalid for ever. A block from the future is
//!   waited for, within a bound that the rules set.
//! * An engine goes on from a store only where nothing final is missing in it ([`kept`]) and where it
//!   knows all that this member has voted ([`votes`]); where final blocks of this member show that it does
//!   not, whoever follows them is told ([`own`]).
//! * The state root of a header is compared by `process` itself; the engine compares the sync target.

pub mod app;
pub mod archive;
pub mod bridge;
pub mod engine;
pub mod epochs;
mod error;
mod kept;
mod ledger;
pub mod limits;
pub mod metrics;
pub mod network;
pub mod outcome;
pub mod own;
pub mod pace;
pub mod rules;
pub mod sealing;
pub mod settings;
pub mod view;
mod votes;

pub use app::{App, Observer};
pub use engine::{Chain, Config, start, start_as};
pub use network::{Beside, Network};
pub use view::StateView;
