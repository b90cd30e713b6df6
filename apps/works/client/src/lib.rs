//! Works for people: what files of construction hold, and the law's rules without a ledger.
//!
//! [`command`] is the verb `commonhold works`. What it computes is computed by the rules of the law
//! (`commonhold-works-contract`), so that everybody sees beforehand what every member will say: [`check`] reads
//! traces and judges them by a work order, [`radio`] a radio site, [`certificates`] what is paid, [`credit`]
//! scores, [`bids`] revealed bids. [`inspect`] reads and writes what people exchange: [`touchstone`] sweeps,
//! [`bcf`] issues, [`schedule`] programmes, [`bill`]s of quantities.
//!
//! What people do and ask by the law on a network is in `ledger`; [`audit`] is all of a project with its proof,
//! and its check.
//!
//! Names in the JSON are those of the files that users hold results against.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )
)]

mod archive;
pub mod audit;
pub mod bcf;
pub mod bids;
pub mod bill;
pub mod certificates;
pub mod check;
pub mod command;
pub mod credit;
mod decimal;
pub mod inspect;
mod ledger;
pub mod limits;
pub mod papers;
pub mod radio;
pub mod refusal;
pub mod schedule;
mod sheet;
mod table;
pub mod touchstone;
mod xml;

pub use commonhold_works_contract::sor;
pub use ledger::abis;
