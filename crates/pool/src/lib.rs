//! Transactions that wait for a block.
//!
//! Each sender has a **lane** in nonce order. Lanes are bounded, and served by weighted fair queueing
//! ([`select`](Pool::select)), so that one sender or many cannot keep the others out. Where there are
//! no fees this, with the block gas limit, is the protection against floods.
//!
//! # What is taken
//! A transaction must be one that its network could execute ([`PoolError`] lists what is checked), its
//! nonce must be at or ahead of its account's, and, where it comes from a client, the account must hold
//! what the transaction may take (its value; where the network has a base fee also its gas).
//! Transactions behind a gap, or that the account cannot pay together with those before it, are kept
//! but not selected.
//!
//! # What gives way
//! When the pool is full, a newcomer takes the place of the last transaction of the lane with the
//! greatest bulk, if that is greater than its own lane's; strangers (senders that the state does not
//! know) give way to known senders first, and lanes of which nothing can be executed to a new sender
//! whose transaction can. What this node acknowledged to a client ([`Origin::Local`]) and can be
//! executed never gives way.
//!
//! # Who waits
//! A client whose transaction has no room is not refused but waits in a line ([`submit`]), long before
//! the pool is full where its lane is long already; so a client that is slowed down loses nothing. The
//! line moves with each final block, in order of arrival and before gossip. Pool and line together hold
//! no more senders than three default blocks serve, so however many come, whoever has a place in the
//! line is in a final block within three. Between equals only arrival counts: where even the line is
//! full of senders with one transaction each, the next one is refused and comes again.
//!
//! # What leaves
//! What is in a final block, and what its nonce has outrun, leaves with that block. What a builder
//! reports as unexecutable ([`Pool::reject`]) rests until the next final block and leaves after
//! [`limits::REJECTIONS_MAX`] times; so no set of transactions can fill every selection for ever.
//! What has waited for [`limits::PENDING_BLOCKS_MAX`] blocks leaves too.
//!
//! The lock inside is held for short, and never while something is awaited.

mod check;
mod core;
mod entrance;
mod error;
mod follow;
pub mod gossip;
pub mod journal;
mod lane;
pub mod limits;
mod line;
mod metrics;
mod pool;
mod queues;
mod recent;
mod room;
mod select;
pub mod submit;
mod types;
mod unsaved;
pub mod wire;

pub use error::{NotKept, PoolError};
pub use metrics::Registration;
pub use pool::Pool;
pub use types::{AccountView, Admitted, LaneContent, Origin, PoolConfig, Status};

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
mod tests;
