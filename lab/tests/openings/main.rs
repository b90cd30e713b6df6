//! Records that are sealed to a whole network, and who opens them: without faults, while members and
//! links fail, with a member that is false, after a revocation, by time, and in a larger network.
//!
//! The checker holds every answer that anybody gets against the ledger, and a run is not over before
//! everything is open that may be (`commonhold_lab::readers`). Every test proves that its fault
//! happened, and what was opened in spite of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod faults;
mod large;
mod liars;
mod revocation;
mod times;

use std::{collections::BTreeSet, time::Duration};

use commonhold_lab::{
    readers::{Asked, Opened, Plot, Wishes},
    scenario::{Outcome, Scenario},
};
use commonware_glue::simulate::action::{Action, Crash, Schedule};

/// A short run in which people want this.
fn wanted(plots: &[Plot]) -> Scenario {
    Scenario {
        openings: Wishes {
            plots: plots.to_vec(),
            ..Wishes::default()
        },
        transactions: 10,
        height: 4,
        ..Scenario::new()
    }
}

/// What became of the requests of the stories that go like this.
fn opened(outcome: &Outcome, plot: Plot) -> Vec<Option<&Opened>> {
    let asked = outcome.readers.of(plot);
    asked
        .into_iter()
        .map(|asked| asked.opened.as_ref())
        .collect()
}

/// All of them, which were opened.
fn all_opened(outcome: &Outcome, plot: Plot) -> Vec<&Opened> {
    let opened = opened(outcome, plot);
    assert!(!opened.is_empty());
    let opened: Option<Vec<&Opened>> = opened.into_iter().collect();
    opened.unwrap_or_else(|| {
        let seen: Vec<_> = outcome.readers.of(plot).iter().map(|a| a.seen_ms).collect();
        panic!("a request of {plot:?} is not open: seen at {seen:?}")
    })
}

/// When readers tried in vain.
fn failures(outcome: &Outcome) -> Vec<u64> {
    let failed = |asked: &Asked| asked.failed_ms.clone();
    outcome.readers.asked.iter().flat_map(failed).collect()
}

/// These members are away between two times.
fn away(scenario: &mut Scenario, members: &[usize], from: Duration, until: Duration) {
    let keys = &scenario.founding.keys;
    let mut schedule = Schedule::new();
    for member in members {
        schedule = schedule.at(from, Action::Crash(keys[*member].clone()));
    }
    for member in members {
        schedule = schedule.at(until, Action::Restart(keys[*member].clone()));
    }
    scenario.crashes.push(Crash::Schedule(schedule));
}

/// Members by number.
fn members(those: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    those.into_iter().collect()
}
