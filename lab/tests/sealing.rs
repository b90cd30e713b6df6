//! The seal key's shares follow the committee: they are dealt anew while everything runs, and what was
//! sealed before opens after.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeSet;

use commonhold_lab::{
    ceremonies::{BLOCKS, through_epochs},
    faults::{ms, schedule},
    founding::{Founding, found_to_grow},
    readers::{Plot, Wishes},
    scenario::{Outcome, Scenario},
    script::Script,
};
use commonhold_primitives::{consensus::MemberKey, epoch::Output};
use commonhold_seal::{DataKey, Group, Identity, Partial, SealShare, SealedKey};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::{Action, Crash};
use commonware_utils::{NZU64, Participant, TestRng};

/// Something that was sealed before the first block.
fn sealed(founding: &Founding) -> SealedKey {
    let target = Identity::Time(7).here();
    let key = DataKey::from_bytes(&[5; 32]);
    SealedKey::seal(&founding.group.key(), &target, &key, &mut TestRng::new(9)).unwrap()
}

fn opens(group: &Group, sealed: &SealedKey, shares: &[SealShare]) -> bool {
    let target = Identity::Time(7).here();
    let partials: Vec<Partial> = shares.iter().map(|share| share.partial(&target)).collect();
    let combined = group.combine(&target, &partials);
    combined.is_ok_and(|combined| sealed.open(&combined.opening).is_ok())
}

/// The shares in force at the end, by member: all of one sharing.
fn held(outcome: &Outcome, of: &[usize]) -> (Group, Vec<(usize, SealShare)>) {
    let mut shares = Vec::new();
    let mut group: Option<Group> = None;
    for member in of {
        let current = outcome.held[member].current.clone().expect("it knows");
        let known = group.get_or_insert_with(|| current.group.clone());
        assert_eq!(*known, current.group, "member {member}");
        if let Some(share) = &current.share {
            shares.push((*member, share.clone()));
        }
    }
    (group.unwrap(), shares)
}

/// How many ceremonies dealt the key anew. Whatever happened, the key is the same.
fn dealt(scenario: &Scenario, outcome: &Outcome) -> usize {
    let mut before = scenario.founding.genesis.first_sealing().unwrap().unwrap();
    let mut dealt = 0;
    for output in outcome.sealings() {
        assert_eq!(
            output.public().public(),
            before.public().public(),
            "the key stays"
        );
        if output != before {
            assert_ne!(output.public(), before.public(), "the shares do not");
            dealt += 1;
        }
        before = output;
    }
    dealt
}

#[test]
fn shares_are_dealt_anew_and_what_was_sealed_before_opens() {
    let scenario = Scenario {
        openings: Wishes {
            plots: vec![Plot::Granted, Plot::Owner, Plot::Stranger],
            times: vec![3],
            ..Wishes::default()
        },
        ..through_epochs()
    };
    let sealed = sealed(&scenario.founding);
    let outcome = scenario.run(7_000);
    assert_eq!(dealt(&scenario, &outcome), outcome.sealings().len());
    assert!(outcome.sealings().len() >= 3);
    let (group, shares) = held(&outcome, &[0, 1, 2, 3]);
    let shares: Vec<SealShare> = shares.into_iter().map(|(_, share)| share).collect();
    assert_eq!(shares.len(), 4, "everybody has a share");
    assert!(opens(&group, &sealed, &shares[..3]));
    assert!(!opens(&group, &sealed, &shares[..2]));
    // The founders' shares are of no use beside the new ones.
    for place in 0..4 {
        let kept = scenario.founding.seal_shares[place].clone();
        assert!(group.check(&kept).is_err());
        let mixed: Vec<SealShare> = shares
            .iter()
            .filter(|share| share.member() != kept.member())
            .take(2)
            .cloned()
            .chain([kept.clone()])
            .collect();
        assert!(!opens(&group, &sealed, &mixed));
    }
}

/// Readers begin to ask in the third epoch.
#[test]
fn records_open_by_the_shares_of_a_later_epoch() {
    let scenario = Scenario {
        openings: Wishes {
            plots: vec![Plot::Granted, Plot::Owner],
            times: vec![3],
            from_ms: 15_000,
            ..Wishes::default()
        },
        not_before: ms(15_000),
        limit: ms(240_000),
        ..through_epochs()
    };
    let outcome = scenario.run(7_001);
    for plot in [Plot::Granted, Plot::Owner] {
        for asked in outcome.readers.of(plot) {
            assert!(asked.opened.as_ref().unwrap().sharing >= 1, "{plot:?}");
        }
    }
}

fn crashes_at_every_step(seed: u64) {
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
    let sealed = sealed(&scenario.founding);
    let outcome = scenario.run(seed);
    assert!(outcome.crashes >= 5, "{} crashes", outcome.crashes);
    assert_eq!(outcome.collapsed, 0);
    assert!(dealt(&scenario, &outcome) > 0, "no ceremony succeeded");
    let (group, shares) = held(&outcome, &[0, 1, 2, 3]);
    let shares: Vec<SealShare> = shares.into_iter().map(|(_, share)| share).collect();
    assert!(shares.len() >= 3, "{} shares", shares.len());
    assert!(opens(&group, &sealed, &shares));
}

#[test]
fn members_crash_at_every_step_1() {
    crashes_at_every_step(7_010);
}

#[test]
fn members_crash_at_every_step_2() {
    crashes_at_every_step(7_011);
}

/// It is away while shares are dealt, and comes back in a later epoch.
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
    let outcome = scenario.run(7_030);
    assert!(dealt(&scenario, &outcome) > 2);
    let public = |output: &Output| output.revealed().position(&key).is_some();
    assert!(
        outcome.sealings().iter().any(public),
        "its share was public"
    );
    assert!(
        !public(outcome.sealings().last().unwrap()),
        "and is its own again"
    );
    let (group, shares) = held(&outcome, &[0, 1, 2, 3]);
    assert_eq!(shares.len(), 4);
    for (member, share) in shares {
        assert!(group.check(&share).is_ok(), "member {member}");
    }
}

/// While two of four are away nothing goes on. What was dealt by then is not enough, or it is.
#[test]
fn all_members_stop_in_the_middle_of_a_ceremony() {
    let mut all = BTreeSet::new();
    for seed in 7_020..7_024 {
        let mut scenario = Scenario {
            limit: ms(240_000),
            ..through_epochs()
        };
        let keys = scenario.founding.keys.clone();
        let at = ms(1_500 + 1_300 * (seed - 7_020));
        let down = keys.iter().map(|k| (at, Action::Crash(k.clone())));
        let up = keys
            .iter()
            .map(|k| (at + ms(500), Action::Restart(k.clone())));
        scenario.crashes = vec![schedule(down.chain(up))];
        let sealed = sealed(&scenario.founding);
        let outcome = scenario.run(seed);
        assert_eq!(outcome.starts, [2, 2, 2, 2]);
        all.insert(dealt(&scenario, &outcome));
        let (group, shares) = held(&outcome, &[0, 1, 2, 3]);
        let shares: Vec<SealShare> = shares.into_iter().map(|(_, share)| share).collect();
        assert!(opens(&group, &sealed, &shares));
    }
    assert!(all.iter().any(|dealt| *dealt > 0));
}

/// A member with an empty disk joins in a later epoch: it has a share from the next ceremony on.
#[test]
fn a_fresh_member_joins_in_a_later_epoch() {
    let mut scenario = Scenario {
        height: 5 * BLOCKS,
        limit: ms(240_000),
        ..through_epochs()
    };
    let key = scenario.founding.keys[3].clone();
    scenario.crashes = vec![Crash::DelayRound {
        participants: vec![key],
        round: Round::new(Epoch::new(1), View::new(10)),
    }];
    scenario.late = [3].into();
    let outcome = scenario.run(7_050);
    let first = *outcome.histories[3].keys().next().unwrap();
    assert!(first > BLOCKS, "it executed the chain from block {first}");
    let (_, shares) = held(&outcome, &[0, 1, 2, 3]);
    assert_eq!(shares.len(), 4);
}

/// Four members admit a fifth and expel a founder. What was sealed before the first block, and before each
/// change, opens after it; the one that was expelled holds nothing that helps.
#[test]
fn a_member_is_admitted_and_another_expelled() {
    let founding = found_to_grow(4, 1, 6).with_epochs(NZU64!(BLOCKS));
    let (fifth, expelled) = (founding.keys[4].clone(), founding.keys[0].clone());
    let mut script = Script::default();
    // Later than the first second, of which the ledger has no word but zero.
    script.admit(&founding, 16, 0, 4, &[0, 1, 2]);
    script.expel(5 * BLOCKS + 2, 1, 0, &[4, 1, 2, 3]);
    let scenario = Scenario {
        founding: founding.clone(),
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
    let sealed = sealed(&founding);
    let outcome = scenario.run(7_100);
    let sealings = outcome.sealings();
    assert!(dealt(&scenario, &outcome) >= 9);
    let holds = |key: &MemberKey| -> Vec<u64> {
        (1..)
            .zip(&sealings)
            .filter(|(_, output)| output.players().position(key).is_some())
            .map(|(epoch, _)| epoch)
            .collect()
    };
    let last = sealings.len() as u64;
    assert_eq!(holds(&fifth), (4..=last).collect::<Vec<_>>());
    assert_eq!(holds(&expelled), (1..9).collect::<Vec<_>>());
    let (group, shares) = held(&outcome, &[1, 2, 3, 4]);
    let shares: Vec<SealShare> = shares.into_iter().map(|(_, share)| share).collect();
    assert_eq!(shares.len(), 4, "the fifth has one, too");
    assert!(opens(&group, &sealed, &shares[..3]));
    // The expelled founder with its newest share, or its first, beside two of the new ones.
    let newest = outcome.held[&0].current.as_ref().unwrap().share.clone();
    let kept = [newest, Some(founding.seal_shares[0].clone())];
    for kept in kept.into_iter().flatten() {
        for place in 0..4 {
            let mut moved = kept.clone().into_inner();
            moved.index = Participant::new(place);
            let moved = SealShare::new(moved);
            assert!(group.check(&moved).is_err());
            let others = shares.iter().filter(|share| share.member() != place);
            let mixed: Vec<SealShare> = others.take(2).cloned().chain([moved]).collect();
            assert!(!opens(&group, &sealed, &mixed));
        }
    }
}
