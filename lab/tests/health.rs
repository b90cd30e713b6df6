//! The story of health in whole networks: without faults, while members crash and links lose messages,
//! and with a member that answers falsely. `crates/cli` tells the same story to the binary.
//!
//! After each the checker runs: same chain and state everywhere, every module's invariants, and nothing
//! opened but what the ledger says (`commonhold_lab::town`). Every test proves that its fault happened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::time::Duration;

use commonhold_health_story::tell;
use commonhold_lab::{
    byzantine::{Conduct, OPENING, perjurer::Perjury},
    faults::link,
    scenario::{Outcome, Scenario},
    town::Town,
};
use commonware_glue::simulate::action::Crash;
use commonware_utils::probability;

fn told() -> Scenario {
    Scenario {
        tale: Some(|street| tell(street)),
        transactions: 10,
        ..Scenario::new()
    }
}

fn town(outcome: &Outcome) -> &Town {
    let town = outcome.town.as_ref().unwrap();
    println!(
        "{} requests, {} begun again, {} blocks, {} lives",
        town.errands,
        town.begun_again,
        outcome.height(),
        outcome.starts.iter().sum::<u32>()
    );
    town
}

#[test]
fn nothing_happens() {
    let outcome = told().run(3_000);
    let town = town(&outcome);
    assert_eq!(town.begun_again, 0);
    // Labs and medication for a doctor, vital signs for a study, and one emergency slice.
    assert_eq!(town.opened.len(), 4, "{:?}", town.opened);
}

#[test]
fn members_crash_and_links_lose_messages() {
    let scenario = Scenario {
        link: link(25, 10, probability!(0.93)),
        crashes: vec![Crash::Random {
            frequency: Duration::from_millis(1_500),
            downtime: Duration::from_millis(700),
            count: 1,
        }],
        limit: Duration::from_secs(240),
        ..told()
    };
    let outcome = scenario.run(3_011);
    assert!(outcome.crashes > 5, "{} crashes", outcome.crashes);
    assert!(town(&outcome).begun_again > 0, "nobody's member went away");
}

/// Only the reader sees it: its partials are made with another share.
#[test]
fn a_member_answers_falsely() {
    let scenario = Scenario {
        byzantine: [(2, Conduct::Open(Perjury::WrongShare))].into(),
        ..told()
    };
    let outcome = scenario.run(3_020);
    town(&outcome);
    assert!(outcome.misdeeds_on[&OPENING] > 0);
    assert!(outcome.cut_off.is_empty());
}
