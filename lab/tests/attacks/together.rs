//! Everything at once: slow and lossy links, crashes, partitions, failing disks, and one member of
//! four that breaks the rules, while people have sealed records opened. A seed is one mixture.

use std::{collections::BTreeSet, ops::Range};

use commonhold_chain::network::CHANNELS;
use commonhold_lab::{
    byzantine::{Conduct, perjurer::Perjury, proposer::Lie, storm::Storm, voter::Vote},
    faults::{CUT, link, ms},
    readers::{Plot, Wishes},
    scenario::{Outcome, Scenario},
};
use commonware_glue::simulate::action::{Action, Crash, Schedule};
use commonware_runtime::deterministic::{FaultConfig, PartialWriteMode, WriteConfig};
use commonware_utils::probability;

use crate::BYZANTINE;

/// Ways to break the rules. Whether anybody asks a liar depends on too much here.
const CONDUCTS: [Conduct; 13] = [
    Conduct::Silent,
    Conduct::Propose(Lie::StateRoot),
    Conduct::Propose(Lie::InvalidTransaction),
    Conduct::Vote(Vote::Conflicting),
    Conduct::Vote(Vote::NullifyAndFinalise),
    Conduct::Babble(&CHANNELS),
    Conduct::Storm(Storm::Bulk),
    Conduct::Twins(&[0]),
    Conduct::Twins(&[0, 2]),
    Conduct::Open(Perjury::WrongShare),
    Conduct::Open(Perjury::WrongKey),
    Conduct::Open(Perjury::Mute),
    Conduct::Open(Perjury::Pry),
];

/// What people want besides.
const OTHERS: [Plot; 4] = [Plot::Owner, Plot::Stranger, Plot::Once, Plot::Revoked(1)];

const HONEST: [usize; 3] = [0, 2, 3];

/// What happens in which order depends on the seed; that each thing happens does not.
fn mixture(seed: u64) -> Scenario {
    let pick = usize::try_from(seed).unwrap();
    let conduct = CONDUCTS[pick % CONDUCTS.len()];
    let mut scenario = Scenario {
        byzantine: [(BYZANTINE, conduct)].into(),
        // Twins are cut off after the first time.
        cut_off: !matches!(conduct, Conduct::Twins(_)),
        link: link(15 + seed % 4 * 5, 10, probability!(0.95)),
        transactions: 12,
        openings: Wishes {
            plots: vec![Plot::Granted, OTHERS[pick % OTHERS.len()]],
            ..Wishes::default()
        },
        height: 8,
        not_before: ms(2_600),
        ..Scenario::new()
    };
    let keys = scenario.founding.keys.clone();
    let slow = scenario.link.clone();
    let (victim, alone) = (HONEST[pick / 2 % 3], HONEST[pick / 3 % 3]);
    let shift = ms(37 * (seed % 17));
    let faults = [
        FaultConfig::default().sync(probability!(0.1)),
        FaultConfig::default().write(WriteConfig {
            failure_rate: probability!(0.1),
            retention_rate: probability!(0.5),
            mode: PartialWriteMode::Prefix,
        }),
    ];
    // One crashes.
    let mut events = vec![
        (ms(300) + shift, Action::Crash(keys[victim].clone())),
        (ms(600) + shift, Action::Restart(keys[victim].clone())),
    ];
    // Disks fail for a while.
    let failing = faults[pick % faults.len()].clone();
    events.push((ms(500) + shift, Action::SetStorageFault(failing)));
    events.push((
        ms(900) + shift,
        Action::SetStorageFault(FaultConfig::default()),
    ));
    // One hears only the member that breaks the rules, or nobody.
    let cut: BTreeSet<usize> = [alone]
        .into_iter()
        .chain(seed.is_multiple_of(2).then_some(BYZANTINE))
        .collect();
    for (i, from) in keys.iter().enumerate() {
        for (j, to) in keys.iter().enumerate() {
            if cut.contains(&i) != cut.contains(&j) {
                let (from, to) = (from.clone(), to.clone());
                events.push((
                    ms(700) + shift,
                    Action::UpdateLink {
                        from,
                        to,
                        link: CUT,
                    },
                ));
            }
        }
    }
    events.push((ms(1_300) + shift, Action::Heal(slow)));
    // All are started again: also those whom the disks stopped.
    for key in &keys {
        events.push((ms(1_500) + shift, Action::Crash(key.clone())));
        events.push((ms(1_600) + shift, Action::Restart(key.clone())));
    }
    events.sort_by_key(|(at, _)| *at);
    let schedule = events
        .into_iter()
        .fold(Schedule::new(), |s, (at, action)| s.at(at, action));
    scenario.crashes = vec![Crash::Schedule(schedule)];
    scenario
}

fn run(seeds: Range<u64>) {
    let mut stopped = 0;
    for seed in seeds {
        let scenario = mixture(seed);
        let outcome = scenario.run(seed);
        happened(seed, &outcome);
        stopped += outcome.collapsed;
        if seed == 1_000 {
            assert_eq!(
                outcome.hash,
                mixture(seed).run(seed).hash,
                "seed {seed} does not fix everything"
            );
        }
    }
    assert!(stopped > 0, "no failing disk ever stopped a member");
}

fn happened(seed: u64, outcome: &Outcome) {
    assert!(
        outcome.crashes >= 5,
        "seed {seed}: {} crashes",
        outcome.crashes
    );
    let lost = outcome.counted("messages_sent_total") - outcome.counted("messages_received_total");
    assert!(lost > 0, "seed {seed}: nothing was lost");
    match CONDUCTS[usize::try_from(seed).unwrap() % CONDUCTS.len()] {
        Conduct::Silent => assert!(outcome.histories[BYZANTINE].is_empty()),
        conduct => assert!(outcome.misdeeds > 0, "seed {seed}: {conduct:?} did nothing"),
    }
}

#[test]
fn mixtures_1() {
    run(1_000..1_010);
}

#[test]
fn mixtures_2() {
    run(1_010..1_020);
}

#[test]
fn mixtures_3() {
    run(1_020..1_030);
}

#[test]
fn mixtures_4() {
    run(1_030..1_040);
}

#[test]
fn mixtures_5() {
    run(1_040..1_050);
}
