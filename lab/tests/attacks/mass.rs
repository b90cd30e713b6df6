//! As much as the network lets through.

use std::time::Duration;

use commonhold_chain::network::CHANNELS;
use commonhold_lab::{
    byzantine::{Conduct, VOTE, storm::Storm},
    member::MESSAGES_PER_SECOND_MAX,
    scenario::{Outcome, Scenario},
};

use crate::{attacked, cut_off};

/// Nobody cuts it off, so that all of it arrives.
fn storm(storm: Storm, seed: u64) -> Outcome {
    let scenario = Scenario {
        cut_off: false,
        not_before: Duration::from_millis(1_500),
        ..attacked(Conduct::Storm(storm))
    };
    let outcome = scenario.run(seed);
    assert_eq!(outcome.collapsed, 0, "a member stopped");
    assert_eq!(cut_off(&outcome), 3, "somebody took no offence");
    outcome
}

#[test]
fn votes_by_the_thousand() {
    let outcome = storm(Storm::Votes, 930);
    let sent = outcome.misdeeds_on[&VOTE];
    assert!(
        sent >= u64::from(MESSAGES_PER_SECOND_MAX),
        "{sent} votes were sent"
    );
}

#[test]
fn the_largest_messages_on_every_channel() {
    let outcome = storm(Storm::Bulk, 931);
    for channel in CHANNELS {
        let sent = outcome.misdeeds_on[&channel];
        assert!(sent >= 4, "{sent} messages on channel {channel}");
    }
}

/// The others cut it off, and go on as three of four.
#[test]
fn votes_by_the_thousand_until_it_is_cut_off() {
    let outcome = attacked(Conduct::Storm(Storm::Votes)).run(932);
    assert_eq!(cut_off(&outcome), 3, "it was not cut off by all");
    assert_eq!(outcome.collapsed, 0, "a member stopped");
}
