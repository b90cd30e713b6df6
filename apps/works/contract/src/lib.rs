//! The law of works: what is built in telecommunications, how it is accepted and paid, and what that says of
//! those who deal.
//!
//! The owner of a package offers a contract ([`contracts`]) with its bill, milestones and a ruleset pinned by
//! its hash, after a sealed tender ([`projects`]) where there is one. Work orders ([`orders`]) ask instruments
//! to sign a nonce ([`readings`]); the raw file comes in a transaction ([`submitting`]), every member reads it and
//! derives its losses again, and the ruleset says what follows ([`judging`]): of fibres, or of the sectors of a
//! radio site ([`sectors`]). Milestones ([`milestones`]) are certified
//! by that where nobody objects in time, otherwise by signatures; [`payments`] follow from the bill and the
//! milestones, out of escrow, subcontractors in the same transaction. [`documents`], [`notices`],
//! [`disputes`], [`inspections`], [`defects`] and [`variations`] stand in one register on the ledger's clock. All of it
//! leaves facts ([`crediting`]), and nothing else does: nobody rates anybody.
//!
//! The pure rules are integers in and out, so that every member, a debug build, a release build and the
//! command line without a chain come to the same:
//!
//! - [`sor`] reads the raw file of an optical reflectometer; [`trace`] derives attenuation and losses from its
//!   samples again; [`touchstone`] reads the sweep of an antenna line, [`decimal`] its numbers;
//! - [`acceptance`] holds what was measured against the limits of a contract, and files against the rules
//!   about evidence;
//! - [`arl`] reads rulesets as text;
//! - [`payment`] certifies what is paid; [`clocks`] says what is due when; [`tender`] what binds a bidder;
//!   [`register`] what a register of documents takes;
//! - [`credit`] is the score CS-1;
//! - [`again`] looks at evidence once more, away from the ledger.
//!
//! Input is what a stranger sends: nothing is allocated by a length that it declares, nothing it says makes a
//! rule panic, and what it says wrong is refused with a reason.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]
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

pub mod acceptance;
pub mod again;
mod appeals;
pub mod arl;
mod book;
pub mod clocks;
pub mod contracts;
pub mod credit;
pub mod crediting;
pub mod decimal;
pub mod defects;
pub mod disputes;
pub mod documents;
pub mod inspections;
pub mod interface;
mod invariants;
pub mod judging;
pub mod limits;
pub mod milestones;
mod module;
pub mod notices;
pub mod number;
pub mod orders;
pub mod payment;
pub mod payments;
pub mod people;
pub mod projects;
pub mod readings;
pub mod register;
pub mod sectors;
pub mod shape;
pub mod sor;
mod state;
pub mod submitting;
pub mod tender;
pub mod touchstone;
pub mod trace;
pub mod variations;
mod views;

pub use module::{ADDRESS, module};
