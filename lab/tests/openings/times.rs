//! What is sealed to a time opens for everyone once a final block has that time, and not before.

use commonhold_lab::{
    byzantine::{Conduct, proposer::Lie},
    faults::ms,
    scenario::{Outcome, Scenario},
};

use crate::{members, wanted};

const TIMES: [u64; 2] = [2, 3];

fn timed() -> Scenario {
    let mut scenario = Scenario {
        not_before: ms(3_500),
        ..wanted(&[])
    };
    scenario.openings.times = TIMES.to_vec();
    scenario
}

/// Beside each of these members a reader asked in vain first, and then put the opening key together.
fn opened(outcome: &Outcome, beside: &[usize]) {
    for time in TIMES {
        let timed = &outcome.readers.times[&time];
        assert!(timed.early > 0, "nobody asked before {time}");
        let opened: Vec<usize> = timed.opened.keys().copied().collect();
        assert_eq!(opened, beside);
        for opened in timed.opened.values() {
            // A block may be ahead of the clocks by half a second, and no more.
            assert!(opened.ms + 500 >= time * 1_000, "{time}: {opened:?}");
            assert_eq!(opened.answers, members(0..4), "{time}");
        }
    }
}

#[test]
fn a_time_opens_when_it_has_come() {
    for outcome in timed().run_all(1_400..1_402) {
        opened(&outcome, &[0, 1, 2, 3]);
    }
}

/// A member whose clock is ten minutes, or two hours, ahead proposes blocks that nobody votes for.
#[test]
fn a_clock_that_lies_opens_nothing() {
    for (lie, seed) in [(Lie::Future, 1_410), (Lie::BeyondStep, 1_411)] {
        let scenario = Scenario {
            byzantine: [(1, Conduct::Propose(lie))].into(),
            ..timed()
        };
        for outcome in scenario.run_all([seed]) {
            assert!(outcome.misdeeds > 0, "no lie was told");
            opened(&outcome, &[0, 2, 3]);
        }
    }
}
