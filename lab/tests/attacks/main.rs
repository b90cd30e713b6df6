//! One member of four attacks the others: by what it says to whom, by garbage, by sheer mass, by lies
//! to a member that joins; and all of that while members crash, links fail and disks break.
//!
//! Honest members must agree, go on, make final everything that they acknowledged, and never cut off
//! one another. Every test proves that the attack happened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod garbage;
mod joining;
mod mass;
mod together;
mod twins;

use commonhold_lab::{
    byzantine::Conduct,
    scenario::{Outcome, Scenario},
};

const BYZANTINE: usize = 1;

/// A short run with one byzantine member.
fn attacked(conduct: Conduct) -> Scenario {
    Scenario {
        byzantine: [(BYZANTINE, conduct)].into(),
        transactions: 30,
        height: 8,
        ..Scenario::new()
    }
}

/// Honest members that cut the attacker off.
fn cut_off(outcome: &Outcome) -> usize {
    let cut_off = outcome.cut_off.iter();
    cut_off.filter(|(_, peer)| *peer == BYZANTINE).count()
}
