//! The key ceremony over the network: what carries [`commonhold_seal::ceremony`] between the members.
//!
//! The state machine of the seal crate knows no clock, disk or network. This crate gives it those, for
//! one member: [`run`] exchanges its messages on one channel of encrypted and authenticated
//! connections, has its memory written before anything that depends on it is sent, sends again what is
//! not answered, and ends when the result is known to all that are there.
//!
//! # How it works
//!
//! Every member runs the same. Twice a second it says to all how far it is: its round, whether it has
//! finished, and whom it knows to have finished ([`limits::TICK_MILLIS`]). With that goes what the
//! other has not answered, after growing pauses ([`limits::RESEND_MILLIS_MAX`]), and at once when the
//! other's program has been started anew.
//!
//! A member has **finished** when a quorum has confirmed its group and [`Host::finish`] has written the
//! result. It **leaves** when everybody has finished and knows so of it. It does not wait for ever for
//! those who have not: not for one that has been silent for [`limits::SILENT_MILLIS_MAX`], and for
//! nobody longer than [`limits::LINGER_MILLIS_MAX`], unless it was told to stay. Whoever comes later
//! needs one member that stays: who has finished passes the others' confirmations on.
//!
//! A round that gives no result within its patience ends with [`Incomplete`], which says by whose fault:
//! who is away, who is in another round, who sent what is wrong. The round can still be taken up
//! again; whether another is begun is for people to agree on.
//!
//! # What is promised
//!
//! - **Nothing is sent that is not remembered.** After the death of the process at any instant, a member
//!   goes on from its disk, and deals and confirms the same again.
//! - **A result is accepted only where nothing was revealed**, and a quorum confirmed it: the state
//!   machine sees to it, and no option turns it off.
//! - **A member leaves no round whose key it has confirmed**, but by its operator's word
//!   ([`file::choose`]).
//! - **No message of a member ends the ceremony of another.** What is wrong is told to the operator with
//!   the name of the member it came from, the first time. Who sends what does not decode is cut off.
//!
//! Generic over runtime, network and [`Host`]: the tests run it in the deterministic simulator, `node`
//! on real disks and sockets.

pub mod file;
pub mod limits;
mod outcome;
mod peer;
mod run;
mod wire;

#[cfg(test)]
mod tests;

pub use outcome::{End, Event, Fault, Incomplete, RunError};
pub use run::{Config, Host, run};
