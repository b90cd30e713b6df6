//! Members' answers to requests to open: who may be answered, and how answers come together.
//!
//! # How it works
//!
//! ```text
//! client ──▶ node ──question──▶ every member ─┐ each for itself:
//!    ▲        │                                │   judge: may it be released, by my newest final state?
//!    └answers─┴◀──────────── answer ───────────┘   sign the identity, encrypt to the reader, sign
//! ```
//!
//! A request to open a record stands on the ledger ([`commonhold_system::records`]). Whoever wants it
//! answered asks any node, its [`Desk`]. The desk asks all members over one channel of the members'
//! network and gives back what they answer. Each member [judges](judge) by the newest state that *it*
//! holds to be final, never by what the asking node claims. A member that has not seen the request yet
//! waits for it for a while. One that joined by state sync answers what was requested before it came,
//! too: what it needs of the blocks that it does not have, their hashes, is in its state.
//!
//! A **time** is asked for in the same way, and the answers are open to all: a member gives its partial
//! once the time of a block that it holds to be final has passed it.
//!
//! The shares of the seal key change hands in every epoch. So a desk asks for answers under one sharing, the
//! one in force by its own final blocks, and members answer under that one: who holds the next already has
//! kept the one before ([`commonhold_seal::Holdings`]), and who is a block behind waits for it. Places are
//! those among the sharing's holders.
//!
//! # What is promised
//!
//! - An answer is given only where `mayRelease` of the newest final state permits it: the request is
//!   final, was permitted, is not older than an hour, and the entry that permitted it has not been
//!   revoked or run out. A revocation therefore holds from the block that it is in, at each member as
//!   soon as that member knows the block to be final.
//! - An answer is encrypted to the key that stands in the request, for this request, block and member.
//!   The asking node learns nothing and can change nothing: it verifies the members' signatures, and
//!   so does the reader.
//! - For a time nothing is given before the time of a final block, which a quorum has agreed on, has
//!   passed it. What a member's own clock says is never asked.
//! - One reader's questions cannot keep the others waiting: [`limits::READER_ANSWERS_MAX`].
//! - A message that does not decode, or an answer of another member than its sender, comes from a
//!   faulty member, and that peer is cut off.
//!
//! Generic over runtime, network and the state it judges by; `node` and `lab` instantiate it.

mod ask;
mod desk;
mod gather;
pub mod judge;
pub mod limits;
mod member;
mod quota;
mod wire;

#[cfg(test)]
mod tests;

pub use ask::{Answers, AskError, Desk, Wanted};
pub use desk::{Config, start};
pub use judge::FinalState;
pub use wire::{MESSAGE_BYTES_MAX, Refusal, Subject};
