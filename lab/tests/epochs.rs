//! Epochs: the shares of the network key are dealt anew while everything runs, and the key stays.
//!
//! After every run the checker verifies certificates under the key of the founding, whichever shares
//! made them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{collections::BTreeSet, ops::Range};

use commonhold_lab::{
    byzantine::{Conduct, proposer::Lie},
    ceremonies::{BLOCKS, ceremonies, through_epochs},
    faults::{GOOD, cut, link, ms, schedule},
    founding::{GAS_LIMIT, found_to_grow},
    scenario::Scenario,
    script::Script,
};
use commonhold_primitives::{Finalised, consensus::MemberKey};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::{Action, Crash};
use commonware_utils::{NZU64, probability};

#[test]
fn shares_are_dealt_anew_and_the_key_stays() {
    let scenario = through_epochs();
    let outcome = scenario.run(1_000);
    let (succeeded, revealed) = ceremonies(&scenario, &outcome);
    assert_eq!(succeeded, outcome.epochs().len(), "no ceremony failed");
    assert_eq!(revealed, 0, "no share was made public");
    assert_eq!(outcome.starts, [1, 1, 1, 1]);
}

#[test]
fn a_seed_fixes_every_ceremony() {
    let crash = Crash::Random {
        frequency: ms(1_100),
        downtime: ms(600),
        count: 1,
    };
    let scenario = Scenario {
        link: link(30, 10, probability!(0.95)),
        crashes: vec![crash],
        limit: ms(240_000),
        ..through_epochs()
    };
    let outcome = scenario.run_twice(1_001);
    assert!(outcome.crashes > 0, "nobody crashed");
}

fn crashes_at_every_step(seeds: Range<u64>) {
    let crash = Crash::Random {
        frequency: ms(700),
        downtime: ms(400),
        count: 1,
    };
    let scenario = Scenario {
        crashes: vec![crash],
        limit: ms(240_000),
        ..through_epochs()
    };
    let mut succeeded = 0;
    for outcome in scenario.run_all(seeds) {
        assert!(outcome.crashes >= 5, "{} crashes", outcome.crashes);
        assert_eq!(outcome.collapsed, 0);
        succeeded += ceremonies(&scenario, &outcome).0;
    }
    assert!(succeeded > 0, "no ceremony succeeded");
}

#[test]
fn members_crash_at_every_step_of_a_ceremony_1() {
    crashes_at_every_step(1_010..1_012);
}

#[test]
fn members_crash_at_every_step_of_a_ceremony_2() {
    crashes_at_every_step(1_012..1_014);
}

/// All at once, at another moment with every seed: some in the middle of dealing, some among logs, some
/// at the border.
#[test]
fn all_members_stop_in_the_middle_of_a_ceremony() {
    for seed in 1_020..1_026 {
        let mut scenario = Scenario {
            limit: ms(240_000),
            ..through_epochs()
        };
        let keys = scenario.founding.keys.clone();
        let at = ms(700 + 1_000 * (seed - 1_020));
        let down = keys.iter().map(|k| (at, Action::Crash(k.clone())));
        let up = keys
            .iter()
            .map(|k| (at + ms(500), Action::Restart(k.clone())));
        scenario.crashes = vec![schedule(down.chain(up))];
        let outcome = scenario.run(seed);
        assert_eq!(outcome.starts, [2, 2, 2, 2]);
        assert!(ceremonies(&scenario, &outcome).0 > 0);
    }
}

/// It is away through whole ceremonies, comes back in a later epoch, and signs again from the next on.
#[test]
fn a_member_is_away_for_whole_epochs() {
    let mut scenario = Scenario {
        height: 6 * BLOCKS,
        limit: ms(240_000),
        ..through_epochs()
    };
    let key = scenario.founding.keys[3].clone();
    let events = [
        (ms(1_000), Action::Crash(key.clone())),
        (ms(20_000), Action::Restart(key.clone())),
    ];
    scenario.not_before = ms(45_000);
    scenario.crashes = vec![schedule(events)];
    let outcome = scenario.run(1_030);
    assert_eq!(outcome.proposed(&key, ms(1_200), ms(20_000)), 0);
    assert!(outcome.proposed(&key, ms(20_000), ms(45_000)) > 0);
    let (succeeded, revealed) = ceremonies(&scenario, &outcome);
    assert!(succeeded > 2);
    assert!(
        revealed > 0,
        "what was dealt to it while it was away is public"
    );
    let last = outcome.epochs().pop().unwrap();
    assert_eq!(
        last.output.revealed().len(),
        0,
        "its newest share is its own again"
    );
}

/// Two halves across the border between two epochs: neither goes on, and both go on together.
#[test]
fn a_partition_across_the_border_of_epochs() {
    let mut crossed = BTreeSet::new();
    for seed in 1_040..1_044 {
        let mut scenario = Scenario {
            limit: ms(240_000),
            ..through_epochs()
        };
        let keys = scenario.founding.keys.clone();
        let at = ms(3_000 + 700 * (seed - 1_040));
        let mut events = cut(&keys, &[0, 1], at);
        events.push((at + ms(4_000), Action::Heal(GOOD)));
        scenario.crashes = vec![schedule(events)];
        let outcome = scenario.run(seed);
        ceremonies(&scenario, &outcome);
        let cut_at = outcome.histories[0]
            .values()
            .take_while(|told| told.block.timestamp_ms() < 3_000 + 700 * (seed - 1_040))
            .count();
        crossed.insert(cut_at);
    }
    assert!(crossed.len() > 1, "the network was always cut at one block");
}

/// A member with an empty disk joins in a later epoch, by state sync, and signs again from the one after
/// the next ceremony on.
#[test]
fn a_fresh_member_joins_in_a_later_epoch() {
    let mut scenario = Scenario {
        height: 5 * BLOCKS,
        limit: ms(240_000),
        ..through_epochs()
    };
    let key = scenario.founding.keys[3].clone();
    scenario.crashes = vec![Crash::DelayRound {
        participants: vec![key.clone()],
        round: Round::new(Epoch::new(1), View::new(10)),
    }];
    scenario.late = [3].into();
    let outcome = scenario.run(1_050);
    let first = *outcome.histories[3].keys().next().unwrap();
    assert!(first > BLOCKS, "it executed the chain from block {first}");
    assert!(
        outcome.proposed(&key, ms(0), ms(120_000)) > 0,
        "it made no block"
    );
    let last = outcome.epochs().pop().unwrap();
    assert_eq!(last.output.revealed().len(), 0);
}

/// Four members admit a fifth, under load, and then expel one of the founders. What is decided in one epoch
/// holds from the fourth after it on.
#[test]
fn a_member_is_admitted_and_another_expelled() {
    let founding = found_to_grow(4, 1, 6).with_epochs(NZU64!(BLOCKS));
    let (fifth, expelled) = (founding.keys[4].clone(), founding.keys[0].clone());
    let mut script = Script::default();
    // Later than the first second, of which the ledger has no word but zero.
    script.admit(&founding, 16, 0, 4, &[0, 1, 2]);
    // In epoch 5 there are five members: four votes decide, the fifth's among them.
    script.expel(5 * BLOCKS + 2, 1, 0, &[4, 1, 2, 3]);
    let scenario = Scenario {
        founding,
        script,
        crashes: vec![Crash::DelayRound {
            participants: vec![fifth.clone()],
            round: Round::new(Epoch::new(2), View::new(2)),
        }],
        late: [4].into(),
        absent: [0].into(),
        transactions: 300,
        height: 10 * BLOCKS,
        limit: ms(400_000),
        ..Scenario::new()
    };
    let outcome = scenario.run(1_100);
    ceremonies(&scenario, &outcome);
    let last = outcome.epochs().len() as u64;
    assert!(last >= 9);
    assert_eq!(outcome.signs_in(&fifth), (4..=last).collect::<Vec<_>>());
    assert_eq!(outcome.signs_in(&expelled), (1..9).collect::<Vec<_>>());
    // What it makes is final, and what the expelled one makes no longer is.
    let by = |key: &MemberKey, from: u64| {
        let history = outcome.histories[1].values();
        history
            .filter(|told| told.block.number() >= from * BLOCKS)
            .filter(|told| told.block.extra().context.leader == *key)
            .count()
    };
    assert!(by(&fifth, 4) > 0);
    assert!(by(&expelled, 5) > 0);
    assert_eq!(by(&expelled, 9), 0);
}

/// Members vote for twice the gas of a block: it holds from the first block of the fourth epoch after on, and not
/// one earlier. Whoever goes on with the founders' gas makes no final block from then on.
#[test]
fn members_decide_on_the_gas_of_a_block() {
    const LIAR: usize = 1;
    let founding = found_to_grow(4, 1, 6).with_epochs(NZU64!(BLOCKS));
    let liar = founding.keys[LIAR].clone();
    let mut script = Script::default();
    script.set_gas(16, 0, 2 * GAS_LIMIT, &[0, 1, 2]);
    let byzantine = [
        (LIAR, Conduct::Propose(Lie::FoundersGas)),
        // Nobody admits the candidate.
        (4, Conduct::Silent),
    ];
    let scenario = Scenario {
        founding,
        script,
        byzantine: byzantine.into(),
        height: 4 * BLOCKS + 16,
        limit: ms(240_000),
        ..Scenario::new()
    };
    let outcome = scenario.run(1_110);
    let by_liar = |told: &&Finalised| told.block.extra().context.leader == liar;
    let (before, after): (Vec<_>, Vec<_>) = outcome.histories[0]
        .values()
        .partition(|told| told.block.number() < 4 * BLOCKS);
    let gas = |told: &&Finalised| told.block.header().gas_limit;
    assert!(before.iter().all(|told| gas(told) == GAS_LIMIT));
    assert!(after.iter().all(|told| gas(told) == 2 * GAS_LIMIT));
    assert!(before.iter().filter(|told| by_liar(told)).count() > 0);
    assert_eq!(after.iter().filter(|told| by_liar(told)).count(), 0);
    assert!(!outcome.forbidden.is_empty(), "no such block was made");
    assert_eq!(outcome.collapsed, 0, "a member stopped");
}
