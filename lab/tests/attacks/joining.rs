//! A fresh member joins, or one that was away comes back, and one of the three that it asks answers
//! with lies.
//!
//! The lie is the first that it hears: the others have nothing to give before. It must come to the right state with the help of the others; the checker compares every entry.

use std::time::Duration;

use commonhold_lab::{
    byzantine::{BACKFILL, Conduct, PROBE, STATE, server::Falsehood},
    scenario::{Outcome, Scenario},
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::{Action, Crash, Schedule};

use crate::{BYZANTINE, attacked};

const JOINING: usize = 3;

fn joins(falsehood: Falsehood, cut_off: bool, seed: u64) -> Outcome {
    let mut scenario = Scenario {
        cut_off,
        transactions: 60,
        height: 14,
        late: [JOINING].into(),
        ..attacked(Conduct::Answer(falsehood))
    };
    scenario.crashes = vec![Crash::DelayRound {
        participants: vec![scenario.founding.keys[JOINING].clone()],
        round: Round::new(Epoch::zero(), View::new(8)),
    }];
    let outcome = scenario.run(seed);
    let first = outcome.histories[JOINING].keys().next().copied();
    assert!(
        first > Some(3),
        "it executed the chain from block {first:?}"
    );
    assert_eq!(outcome.collapsed, 0, "a member stopped");
    outcome
}

/// The lies go on until it has what it needs.
macro_rules! one_test_for_each_falsehood {
    ($($name:ident: $falsehood:ident, $seed:literal;)*) => {
        $(#[test]
        fn $name() {
            let outcome = joins(Falsehood::$falsehood, false, $seed);
            for channel in [STATE, PROBE] {
                let lies = outcome.misdeeds_on.get(&channel).copied().unwrap_or(0);
                assert!(lies > 0, "no lie on channel {channel}: {:?}", outcome.misdeeds_on);
            }
        })*
        #[test]
        fn every_falsehood_has_a_test() {
            let tested = [$(Falsehood::$falsehood),*];
            assert_eq!(tested, Falsehood::ALL);
        }
    };
}

one_test_for_each_falsehood! {
    answers_with_one_bit_changed: Flipped, 940;
    answers_cut_in_half: Cut, 941;
    answers_with_nothing_in_them: Empty, 942;
    answers_to_another_question: Another, 943;
    no_answers: Never, 944;
}

/// It was away for two seconds, and asks for the blocks of that time.
#[test]
fn a_member_catches_up_among_lies() {
    for (falsehood, seed) in Falsehood::ALL.into_iter().zip(950..) {
        let mut scenario = Scenario {
            cut_off: false,
            not_before: Duration::from_millis(2_600),
            ..attacked(Conduct::Answer(falsehood))
        };
        let key = scenario.founding.keys[JOINING].clone();
        let schedule = Schedule::new()
            .at(Duration::from_millis(300), Action::Crash(key.clone()))
            .at(Duration::from_millis(2_300), Action::Restart(key));
        scenario.crashes = vec![Crash::Schedule(schedule)];
        let outcome = scenario.run(seed);
        let lies = outcome.misdeeds_on.get(&BACKFILL).copied().unwrap_or(0);
        assert!(lies > 0, "{falsehood:?}: no lie: {:?}", outcome.misdeeds_on);
        assert_eq!(outcome.collapsed, 0, "a member stopped");
    }
}

/// The member that joins cuts the liar off after the first lie that it sees through. What comes after
/// somebody's true answer is not looked at: in some runs the lie comes first.
#[test]
fn a_liar_is_cut_off() {
    let cut_off = (946..952).filter(|seed| {
        let outcome = joins(Falsehood::Flipped, true, *seed);
        assert!(outcome.misdeeds > 0, "no lie was told");
        outcome.cut_off.contains(&(JOINING, BYZANTINE))
    });
    assert!(cut_off.count() > 0, "the lie never came first");
}
