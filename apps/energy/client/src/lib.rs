//! Energy in a community: what order books come to ([`clear`]), what a community's slots come to under
//! other keys, fees and tariffs ([`simulate`]), and load profiles in ([`profile`], [`greenbutton`]).
//! [`command`] is the verb `commonhold energy`.
//!
//! What is computed here is computed by the rules that the ledger runs. Files are anybody's: they are read
//! whole, bounded ([`limits`]), and refused with a place and a reason ([`Refusal`]).

#![deny(clippy::float_arithmetic)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "tests"
    )
)]

pub mod book;
pub mod clear;
pub mod command;
pub mod community;
pub mod greenbutton;
mod import;
pub mod limits;
mod months;
mod number;
pub mod profile;
mod refusal;
pub mod simulate;
mod source;
#[cfg(test)]
mod testing;

pub use import::{Report, inspect};
pub use refusal::{Place, Reason, Refusal};
