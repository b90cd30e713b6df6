//! Two hundred requests, and one revocation.
//!
//! What holds, exactly: let a member have applied the revoking block when it is asked. Then it answers
//! none of the requests that the revoked entry permitted, and none that was made since. The checker
//! (`commonhold_lab::readers`) looks at what each member had applied when a question was asked, and
//! takes every answer by a member that had applied the revocation for a broken promise. So it does with
//! answers that a byzantine member gets, which asks without a judgement of its own.

use commonhold_lab::{
    byzantine::{Conduct, perjurer::Perjury},
    readers::Plot,
    scenario::Scenario,
};
use commonhold_system::records::interface::IRecords::Access;

use crate::{members, wanted};

const BEFORE: usize = 100;
const PLOT: Plot = Plot::Revoked(100);

#[test]
fn nothing_opens_after_a_revocation() {
    // Readers come when it is revoked: all at once, beside all members.
    let mut scenario = wanted(&[PLOT]);
    scenario.openings.from_ms = 8_000;
    let outcome = scenario.run(1_300);
    let asked = outcome.readers.of(PLOT);
    assert_eq!(asked.len(), 200);
    let seen = asked
        .iter()
        .filter_map(|asked| asked.seen_ms)
        .max()
        .unwrap();
    assert!(seen < 8_000, "the last request was final at {seen}");
    for (n, asked) in asked.into_iter().enumerate() {
        let before = n < BEFORE;
        let access = outcome.readers.access(asked).unwrap();
        let said = if before {
            Access::Granted
        } else {
            Access::Revoked
        };
        assert_eq!(access, said, "{n}");
        assert!(asked.opened.is_none(), "{n}");
        assert_eq!(asked.denied_at, members(0..4), "{n}");
    }
}

/// Readers ask at once, while the revocation comes; and one member of four asks all others without
/// looking at the ledger.
#[test]
fn a_revocation_comes_between() {
    const PLOT: Plot = Plot::Revoked(12);
    let scenario = Scenario {
        byzantine: [(1, Conduct::Open(Perjury::Pry))].into(),
        ..wanted(&[PLOT])
    };
    for outcome in scenario.run_all([1_310]) {
        let readers = &outcome.readers;
        let asked = readers.of(PLOT);
        let (before, after) = asked.split_at(12);
        let open = before.iter().filter(|asked| asked.opened.is_some());
        assert!(open.count() > 0, "nothing was opened before the revocation");
        assert!(readers.pried > 0 && readers.pried_in_vain > 0);
        for asked in after {
            assert!(asked.opened.is_none());
        }
        for asked in [before, after].concat() {
            assert_eq!(asked.denied_at, members([0, 2, 3]));
        }
    }
}
