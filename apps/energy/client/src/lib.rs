//! Energy in a community: what order books come to ([`clear`]), what a community's slots come to under
//! other keys, fees and tariffs ([`simulate`]), and load profiles in ([`profile`], [`greenbutton`]).
//! On a network: communities are founded and joined, profiles become signed readings, slots are cleared and
//! settled ([`verbs`](command)), a real community's time is played ([`replay`](command)), and what the ledger
//! tells of a month is [`evidence`], from which follow bills ([`billing`]), what grid operators, registries
//! and banks are handed ([`papers`]) and an [`audit`]. [`command`] is the verb `commonhold energy`.
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

pub mod audit;
pub mod billing;
pub mod book;
pub mod clear;
pub mod command;
pub mod community;
pub mod evidence;
mod gathering;
pub mod greenbutton;
mod import;
mod keys;
mod ledger;
pub mod limits;
mod metering;
mod moments;
mod months;
mod number;
pub mod papers;
pub mod profile;
mod refusal;
mod replay;
pub mod simulate;
mod source;
mod tariff_files;
#[cfg(test)]
mod testing;
mod verbs;

pub use commonhold_paper::limits as paper_limits;
pub use import::{Report, inspect};
pub use ledger::abis;
pub use refusal::{Place, Reason, Refusal};
pub use replay::home_account;
