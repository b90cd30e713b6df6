//! Whole networks in the deterministic simulator: crashes, partitions, bad links, bad disks.
//!
//! Every test proves that its fault happened; that a seed fixes everything is a test of its own. A seed
//! that fails is printed, and is committed as a test of its own. Byzantine members have their own file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{ops::Range, time::Duration};

use commonhold_lab::{
    faults::{CUT, GOOD, cut, link, ms, schedule},
    scenario::{Outcome, Scenario},
};
use commonhold_primitives::consensus::MemberKey;
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::{Action, Crash};
use commonware_runtime::deterministic::FaultConfig;
use commonware_utils::probability;

#[test]
fn a_seed_fixes_everything() {
    let crash = Crash::Random {
        frequency: ms(1_100),
        downtime: ms(600),
        count: 1,
    };
    let scenario = Scenario {
        link: link(30, 10, probability!(0.92)),
        crashes: vec![crash],
        not_before: ms(5_000),
        ..Scenario::new()
    };
    let outcome = scenario.run_twice(50);
    assert!(outcome.crashes > 0, "nobody crashed");
}

#[test]
fn nothing_happens_to_a_good_network() {
    for outcome in Scenario::new().run_all(0..2) {
        assert_eq!(outcome.starts, [1, 1, 1, 1]);
        assert_eq!(outcome.collapsed, 0);
        assert_eq!(outcome.counted("chain_invalid_total"), 0);
    }
}

fn slow_and_lossy(seeds: Range<u64>) {
    let scenario = Scenario {
        link: link(30, 10, probability!(0.92)),
        ..Scenario::new()
    };
    for outcome in scenario.run_all(seeds) {
        let (sent, got) = (
            outcome.counted("messages_sent_total"),
            outcome.counted("messages_received_total"),
        );
        assert!(
            got > 0 && sent - got > sent / 20,
            "{got} of {sent} messages arrived"
        );
    }
}

#[test]
fn links_are_slow_and_lossy_1() {
    slow_and_lossy(100..104);
}

#[test]
fn links_are_slow_and_lossy_2() {
    slow_and_lossy(104..108);
}

fn random_crashes(seeds: Range<u64>) {
    let crash = Crash::Random {
        frequency: ms(1_100),
        downtime: ms(600),
        count: 1,
    };
    let scenario = Scenario {
        crashes: vec![crash],
        transactions: 150,
        not_before: ms(7_000),
        ..Scenario::new()
    };
    let outcomes = scenario.run_all(seeds);
    for outcome in &outcomes {
        assert!(outcome.crashes >= 3, "{} crashes", outcome.crashes);
    }
    assert!(
        outcomes.iter().any(|o| o.sent_again > 0),
        "no crash ever hit an acknowledged transaction"
    );
}

#[test]
fn members_crash_at_random_1() {
    random_crashes(200..204);
}

#[test]
fn members_crash_at_random_2() {
    random_crashes(204..208);
}

/// All members at `at`, and back after `downtime`.
fn all_down(
    keys: &[MemberKey],
    at: Duration,
    downtime: Duration,
) -> Vec<(Duration, Action<MemberKey>)> {
    let crash = keys.iter().map(|k| (at, Action::Crash(k.clone())));
    let restart = keys
        .iter()
        .map(|k| (at + downtime, Action::Restart(k.clone())));
    crash.chain(restart).collect()
}

/// Every moment between two blocks is hit by some seed.
fn total_shutdowns(seeds: Range<u64>) {
    for seed in seeds {
        let mut scenario = Scenario {
            transactions: 150,
            not_before: ms(7_000),
            ..Scenario::new()
        };
        let keys = scenario.founding.keys.clone();
        let twice = [1_000 + 37 * (seed % 100), 4_000 + 53 * (seed % 100)];
        let events = twice.map(|at| all_down(&keys, ms(at), ms(500)));
        scenario.crashes = vec![schedule(events.into_iter().flatten())];
        let outcome = scenario.run(seed);
        assert_eq!(outcome.crashes, 8);
        assert_eq!(outcome.starts, [3, 3, 3, 3]);
    }
}

#[test]
fn all_members_crash_at_once_1() {
    total_shutdowns(300..304);
}

#[test]
fn all_members_crash_at_once_2() {
    total_shutdowns(304..308);
}

/// From 2 s to 6 s `those` do not hear the others.
fn partition(those: &[usize], seeds: Range<u64>) -> (Vec<MemberKey>, Vec<Outcome>) {
    let mut scenario = Scenario {
        transactions: 150,
        not_before: ms(9_000),
        ..Scenario::new()
    };
    let keys = scenario.founding.keys.clone();
    let mut events = cut(&keys, those, ms(2_000));
    events.push((ms(6_000), Action::Heal(GOOD)));
    scenario.crashes = vec![schedule(events)];
    (keys, scenario.run_all(seeds))
}

#[test]
fn a_network_in_halves_stands_still_and_heals() {
    let (keys, outcomes) = partition(&[0, 1], 400..404);
    for outcome in outcomes {
        // What was on its way when the links were cut may become final just after.
        let during: usize = keys
            .iter()
            .map(|k| outcome.proposed(k, ms(2_300), ms(6_000)))
            .sum();
        let after: usize = keys
            .iter()
            .map(|k| outcome.proposed(k, ms(6_000), ms(9_000)))
            .sum();
        assert_eq!(during, 0, "a half made blocks");
        assert!(
            after > 0,
            "no block in three seconds after the links came back"
        );
    }
}

#[test]
fn three_of_four_go_on_without_the_fourth() {
    let (keys, outcomes) = partition(&[2], 410..414);
    for outcome in outcomes {
        assert_eq!(
            outcome.proposed(&keys[2], ms(2_300), ms(6_000)),
            0,
            "a single member made blocks"
        );
        for other in [0, 1, 3] {
            let made = outcome.proposed(&keys[other], ms(2_300), ms(6_000));
            assert!(
                made > 0,
                "member {other} made no block while one of four was away"
            );
        }
        let back = outcome.proposed(&keys[2], ms(6_000), ms(9_000));
        assert!(
            back > 0,
            "the fourth made no block after the links came back"
        );
    }
}

#[test]
fn a_member_that_hears_and_is_not_heard() {
    let mut scenario = Scenario {
        transactions: 150,
        not_before: ms(9_000),
        ..Scenario::new()
    };
    let keys = scenario.founding.keys.clone();
    let deaf = |to: &MemberKey| Action::UpdateLink {
        from: keys[1].clone(),
        to: to.clone(),
        link: CUT,
    };
    let mut events: Vec<_> = keys
        .iter()
        .filter(|k| **k != keys[1])
        .map(|k| (ms(2_000), deaf(k)))
        .collect();
    events.push((ms(6_000), Action::Heal(GOOD)));
    scenario.crashes = vec![schedule(events)];
    for outcome in scenario.run_all(420..422) {
        assert_eq!(outcome.proposed(&keys[1], ms(2_300), ms(6_000)), 0);
        assert!(outcome.proposed(&keys[0], ms(2_300), ms(6_000)) > 0);
        assert!(outcome.proposed(&keys[1], ms(6_000), ms(9_000)) > 0);
    }
}

/// From 1.5 s to 3.5 s disks fail now and then; a member that meets a failure stops. One member starts
/// meanwhile. At 4 s every process is started again.
fn bad_disks(faults: &FaultConfig, seeds: Range<u64>) {
    let mut scenario = Scenario {
        transactions: 150,
        not_before: ms(7_000),
        ..Scenario::new()
    };
    let keys = scenario.founding.keys.clone();
    let mut events = vec![
        (ms(1_500), Action::SetStorageFault(faults.clone())),
        (ms(2_500), Action::Crash(keys[0].clone())),
        (ms(2_600), Action::Restart(keys[0].clone())),
        (ms(3_500), Action::SetStorageFault(FaultConfig::default())),
    ];
    events.extend(all_down(&keys, ms(4_000), ms(200)));
    scenario.crashes = vec![schedule(events)];
    let outcomes = scenario.run_all(seeds);
    assert!(
        outcomes.iter().all(|o| o.collapsed > 0),
        "no fault ever stopped a member"
    );
}

#[test]
fn disks_do_not_sync() {
    bad_disks(&FaultConfig::default().sync(probability!(0.05)), 500..504);
}

#[test]
fn disks_do_not_write() {
    use commonware_runtime::deterministic::{PartialWriteMode, WriteConfig};
    let torn = |mode| WriteConfig {
        failure_rate: probability!(0.03),
        retention_rate: probability!(0.5),
        mode,
    };
    bad_disks(
        &FaultConfig::default().write(torn(PartialWriteMode::Prefix)),
        510..512,
    );
    bad_disks(
        &FaultConfig::default().write(torn(PartialWriteMode::Subset)),
        512..514,
    );
}

#[test]
fn disks_do_not_read() {
    bad_disks(&FaultConfig::default().read(probability!(0.2)), 520..522);
}

#[test]
fn a_member_is_away_for_long_and_catches_up() {
    let mut scenario = Scenario {
        not_before: ms(24_000),
        height: 90,
        ..Scenario::new()
    };
    let key = scenario.founding.keys[3].clone();
    let events = [
        (ms(1_000), Action::Crash(key.clone())),
        (ms(20_000), Action::Restart(key.clone())),
    ];
    scenario.crashes = vec![schedule(events)];
    for outcome in scenario.run_all([600]) {
        assert_eq!(outcome.starts, [1, 1, 1, 2]);
        assert_eq!(outcome.proposed(&key, ms(1_200), ms(20_000)), 0);
        assert!(
            outcome.proposed(&key, ms(20_000), ms(24_000)) > 0,
            "it made no block when it was back"
        );
    }
}

#[test]
fn a_fresh_member_joins_by_state_sync() {
    let mut scenario = Scenario {
        transactions: 300,
        height: 40,
        not_before: ms(9_000),
        ..Scenario::new()
    };
    let key = scenario.founding.keys[3].clone();
    scenario.crashes = vec![Crash::DelayRound {
        participants: vec![key.clone()],
        round: Round::new(Epoch::zero(), View::new(20)),
    }];
    scenario.late = [3].into();
    for outcome in scenario.run_all(700..703) {
        let first = *outcome.histories[3]
            .keys()
            .next()
            .expect("it was told of blocks");
        assert!(first > 5, "it executed the chain from block {first}");
        // It cannot know what it has voted in this epoch: it follows, and signs from the next one on.
        assert_eq!(outcome.proposed(&key, ms(0), ms(30_000)), 0);
    }
}

/// It crashes while it joins, and goes on where it was.
#[test]
fn a_fresh_member_crashes_while_it_joins() {
    let mut interrupted = 0;
    for seed in 710..714 {
        let mut scenario = Scenario {
            transactions: 150,
            height: 40,
            not_before: ms(5_000),
            ..Scenario::new()
        };
        let key = scenario.founding.keys[3].clone();
        let at = ms(1_000 + 150 * (seed - 709));
        let events = [
            (at, Action::Crash(key.clone())),
            (at + ms(300), Action::Restart(key.clone())),
        ];
        scenario.crashes = vec![
            Crash::DelayRound {
                participants: vec![key],
                round: Round::new(Epoch::zero(), View::new(20)),
            },
            schedule(events),
        ];
        scenario.late = [3].into();
        interrupted += scenario.run(seed).interrupted;
    }
    assert!(interrupted > 0, "no crash hit a member that was joining");
}
