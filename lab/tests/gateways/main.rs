//! Gateways in whole networks: without faults, while they and members end at any time, and on disks that
//! do not keep what they say.
//!
//! The checker opens every batch that the ledger has and holds it against what devices were promised, and
//! a run is not over before every reading is acknowledged and anchored (`commonhold_lab::gateways`). Every
//! test proves that its fault happened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod faults;

use commonhold_lab::{
    faults::ms,
    gateways::{Fleet, Gateways},
    scenario::{Outcome, Scenario},
};

/// A run with these gateways.
fn with(fleet: Fleet) -> Scenario {
    Scenario {
        gateways: Some(fleet),
        transactions: 10,
        height: 4,
        limit: ms(40_000),
        ..Scenario::new()
    }
}

/// What gateways did. Everything that devices made is anchored.
fn gateways(outcome: &Outcome) -> &Gateways {
    let gateways = outcome.gateways.as_ref().unwrap();
    let fleet = &gateways.fleet;
    let wanted = fleet.at.len() * fleet.devices * usize::try_from(fleet.readings).unwrap();
    assert_eq!(gateways.made.len(), wanted);
    assert_eq!(gateways.acknowledged, gateways.made);
    assert_eq!(gateways.anchored, wanted);
    println!("{} batches, {:?}", gateways.batches, gateways.tally);
    gateways
}
