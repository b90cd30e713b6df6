//! The seal key's shares follow the committee: in every epoch they are dealt anew, and the key stays.
//!
//! # How it works
//!
//! The engine deals the network key anew with `dkg::reshare`, which runs one ceremony over one kind of
//! payload in a block, and is what the engine's consensus waits for. The seal key has a ceremony of its own
//! beside it, with the same arithmetic (`feldman_desmedt`) and with final blocks as its ordered broadcast,
//! on which nothing of consensus waits:
//!
//! ```text
//! epoch e   who deals   the holders of the sharing in force in e           (Round: previous output)
//!           to whom     the members that sign in e + 1, as the engine names them in the block before e
//! from its first block  each dealer sends each player its part, until it is acknowledged     (message)
//! from its middle on    each dealer signs its log and sends it to everybody; whoever leads puts one that
//!                       is in no block yet into its block                                    (application)
//! last block            the sharing in force in e + 1: what the logs in this epoch's blocks give, or the
//!                       one before where they give none                                      (round)
//! ```
//!
//! A dealer needs no turn of its own for its log, so this ceremony succeeds where the engine's does.
//!
//! * **What counts** is decided by [`round`], a pure function of the sharing before, the players and the
//!   logs, in chain order: the first log of each dealer that it signed. Too few good logs, or more than `f`
//!   shares that anybody could put together from them, carry the sharing before on.
//! * **Who checks.** The last block of an epoch says the sharing in force from then on; each voter compares
//!   it with what it computes from the block's ancestry. A member that cannot, because it joined in the
//!   middle of the epoch, gives no vote on that block, as with the engine's ceremony, and learns the sharing
//!   from it. A log that no dealer of the ceremony signed, or one outside of its time, makes a block invalid.
//! * **Where from.** The public side of everything is in final blocks, and is read from them at each start.
//!   The secret side is in a store of its own ([`Secrets`](crate::epochs::Secrets)): a share before it is
//!   used, a seed before anything is dealt from it, a dealing before it is acknowledged, a log before it is
//!   sent. What is older than the epoch before is erased.
//! * **Who learns.** [`Holdings`](commonhold_seal::Holdings) has the sharing in force and, for one epoch
//!   more, the one before, each with this member's share where it holds one.
//!
//! # Invariants
//!
//! * Nothing that a peer or a block says ends the node: what is false is left out, and its maker named in
//!   the log.
//! * A network without a seal key carries nothing of this in its blocks.

mod actor;
mod application;
mod known;
mod message;
mod part;
pub mod round;

#[cfg(test)]
mod tests;

pub(crate) use actor::{Config, Mailbox, open};
pub use application::{Sealed, Upstream};
pub use message::message_bytes_max;
