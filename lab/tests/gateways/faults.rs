//! What happens to gateways, members and what is between them.

use commonhold_lab::{
    faults::{link, ms},
    gateways::{Cut, Fleet, Tally},
    scenario::{Outcome, Scenario},
};
use commonware_glue::simulate::action::Crash;
use commonware_utils::probability;

use crate::{gateways, with};

fn members_crash() -> Crash<commonhold_primitives::consensus::MemberKey> {
    Crash::Random {
        frequency: ms(1_500),
        downtime: ms(700),
        count: 1,
    }
}

/// Two gateways with lives of a second or so, and messages that are lost.
fn hard() -> Fleet {
    Fleet {
        at: vec![0, 1],
        devices: 3,
        readings: 20,
        lost: 4,
        again: 15,
        lives: ms(1_500),
        until: ms(7_000),
        ..Fleet::new()
    }
}

fn sum(outcomes: &[Outcome], of: impl Fn(&Tally) -> u64) -> u64 {
    let tallies = outcomes.iter().map(|outcome| &gateways(outcome).tally);
    tallies.map(of).sum()
}

#[test]
fn nothing_happens() {
    let outcome = with(Fleet::new()).run(2_000);
    let tally = &gateways(&outcome).tally;
    let ended = tally.kills + tally.power_failures;
    assert_eq!(
        (tally.lives, ended, tally.doubts, tally.reverted),
        (1, 0, 0, 0)
    );
}

#[test]
fn gateways_end_at_any_time() {
    let scenario = Scenario {
        not_before: ms(7_000),
        ..with(hard())
    };
    let outcomes = [
        scenario.run_twice(2_010),
        scenario.run(2_011),
        scenario.run(2_012),
    ];
    for outcome in &outcomes {
        let tally = &gateways(outcome).tally;
        assert!(tally.kills > 0 && tally.power_failures > 0 && tally.cut > 0);
        assert!(tally.duplicates > 0 && tally.ways_lost > 0);
    }
    assert!(
        sum(&outcomes, |tally| tally.found) > 0,
        "nobody was in doubt"
    );
}

#[test]
fn members_end_at_any_time() {
    let scenario = Scenario {
        crashes: vec![members_crash()],
        not_before: ms(8_000),
        ..with(Fleet {
            at: vec![0, 1],
            readings: 30,
            ..Fleet::new()
        })
    };
    let outcomes = [2_020, 2_021].map(|seed| scenario.run(seed));
    assert!(outcomes.iter().all(|outcome| outcome.crashes > 3));
    assert!(
        sum(&outcomes, |tally| tally.doubts) > 0,
        "nobody was in doubt"
    );
}

#[test]
fn everything_happens_at_once() {
    let cut = |gateway, from, until| Cut {
        gateway,
        from: ms(from),
        until: ms(until),
    };
    let scenario = Scenario {
        link: link(25, 10, probability!(0.93)),
        crashes: vec![members_crash()],
        not_before: ms(7_000),
        ..with(Fleet {
            cuts: vec![cut(0, 2_000, 3_500), cut(1, 4_000, 5_500)],
            ..hard()
        })
    };
    for seed in [2_030, 2_031] {
        let outcome = scenario.run(seed);
        let tally = &gateways(&outcome).tally;
        assert!(outcome.crashes > 2 && tally.lives > 6);
        assert!(tally.kills > 0 && tally.power_failures > 0);
    }
}

/// The checker can fail: disks that do not sync lose what was acknowledged.
#[test]
fn disks_that_do_not_keep_what_they_say() {
    let scenario = Scenario {
        not_before: ms(8_000),
        ..with(Fleet {
            deaf: true,
            lost: 0,
            again: 0,
            until: ms(8_000),
            ..hard()
        })
    };
    let why = scenario.outcome(2_040).err().expect("a broken promise");
    assert!(
        why.contains("was acknowledged, and is missing on the ledger"),
        "{why}"
    );
}
