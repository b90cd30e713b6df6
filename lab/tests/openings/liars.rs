//! One member of four is false when something is to be opened.

use commonhold_lab::{
    byzantine::{Conduct, OPENING, perjurer::Perjury},
    faults::ms,
    readers::Plot,
    scenario::{Outcome, Scenario},
};

use crate::{all_opened, members, opened, wanted};

const LIAR: usize = 1;
const HONEST: [usize; 3] = [0, 2, 3];

fn with(perjury: Perjury) -> Scenario {
    let mut plots = vec![Plot::Granted, Plot::Owner];
    plots.extend([Plot::Granted; 4]);
    Scenario {
        byzantine: [(LIAR, Conduct::Open(perjury))].into(),
        ..wanted(&plots)
    }
}

/// All is open in spite of it, and nobody else was cut off.
fn all_open(outcome: &Outcome) {
    all_opened(outcome, Plot::Granted);
    all_opened(outcome, Plot::Owner);
    assert!(outcome.cut_off.iter().all(|(_, peer)| *peer == LIAR));
    assert_eq!(outcome.collapsed, 0, "a member stopped");
}

/// Only the reader sees it: members cannot cut off whom they do not see through.
#[test]
fn partials_that_are_made_with_another_share() {
    for outcome in with(Perjury::WrongShare).run_all(1_200..1_202) {
        all_open(&outcome);
        assert!(outcome.misdeeds_on[&OPENING] > 0);
        assert_eq!(outcome.readers.blamed, members([LIAR]));
        assert!(outcome.cut_off.is_empty());
    }
}

fn cut_off(perjury: Perjury, seed: u64) {
    for outcome in with(perjury).run_all(seed..seed + 2) {
        all_open(&outcome);
        assert!(outcome.misdeeds_on[&OPENING] > 0);
        assert!(
            outcome.readers.blamed.is_empty(),
            "a reader got a false answer"
        );
        assert!(!outcome.cut_off.is_empty(), "nobody cut it off");
    }
}

#[test]
fn answers_that_are_signed_with_another_key() {
    cut_off(Perjury::WrongKey, 1_210);
}

#[test]
fn answers_to_another_request() {
    cut_off(Perjury::AnotherRequest, 1_220);
}

#[test]
fn no_answers() {
    for outcome in with(Perjury::Mute).run_all([1_230]) {
        all_open(&outcome);
        assert!(outcome.misdeeds_on[&OPENING] > 0);
        assert!(outcome.cut_off.is_empty());
        for opened in all_opened(&outcome, Plot::Granted) {
            assert!(!opened.answers.contains(&LIAR));
        }
    }
}

/// The checker sees to it that nothing opens to another key, and that no honest member is blamed.
#[test]
fn a_member_that_lies_to_its_clients() {
    let scenario = Scenario {
        not_before: ms(3_000),
        ..with(Perjury::Deceive)
    };
    for outcome in scenario.run_all(1_240..1_242) {
        all_open(&outcome);
        let lies = outcome.readers.deceived;
        assert!(lies > 5, "{lies} lies");
        assert!(outcome.cut_off.is_empty());
    }
}

/// It asks all members for everything, also for what its own state forbids. They answer by theirs.
#[test]
fn a_member_that_asks_for_what_is_forbidden() {
    let plots = [
        Plot::Granted,
        Plot::Stranger,
        Plot::Once,
        Plot::Revoked(1),
        Plot::Until(3),
    ];
    let mut scenario = Scenario {
        byzantine: [(LIAR, Conduct::Open(Perjury::Pry))].into(),
        not_before: ms(4_200),
        ..wanted(&plots)
    };
    scenario.openings.times = vec![2, 4];
    for outcome in scenario.run_all([1_250]) {
        let readers = &outcome.readers;
        assert!(readers.pried > 0, "it got no answer");
        assert!(readers.pried_in_vain > 0, "it was never refused");
        assert!(readers.pried_times > 0, "it got no partial of a time");
        assert!(opened(&outcome, Plot::Stranger)[0].is_none());
        for time in readers.times.values() {
            assert_eq!(time.opened.len(), HONEST.len());
        }
        assert!(outcome.cut_off.is_empty());
    }
}
