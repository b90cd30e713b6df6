//! The law of works: what is built in telecommunications, how it is accepted and paid, and what that says of
//! those who deal.
//!
//! What stands here so far are the pure rules: values in, values out, integers only, so that every member of
//! the network, a debug build, a release build and the command line without a chain come to the same.
//!
//! - [`sor`] reads the raw file of an optical reflectometer; [`trace`] derives attenuation and losses from its
//!   samples again;
//! - [`acceptance`] holds what was measured against the limits of a contract, and files against the rules
//!   about evidence;
//! - [`payment`] certifies what is paid; [`clocks`] says what is due when; [`tender`] what binds a bidder;
//! - [`credit`] is the score CS-1.
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
pub mod clocks;
pub mod credit;
pub mod limits;
pub mod number;
pub mod payment;
pub mod sor;
pub mod tender;
pub mod trace;
