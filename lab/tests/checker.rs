//! The checker finds what it is there to find: a good run, tampered with in one place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use alloy_primitives::{B256, U256};
use commonhold_lab::{
    checker::{Violation, check_histories},
    load::Load,
    scenario::Scenario,
    world::World,
};
use commonhold_primitives::{Finalised, StateValue};

type Histories = Vec<BTreeMap<u64, Finalised>>;

static GOOD: LazyLock<Histories> = LazyLock::new(|| {
    Scenario {
        transactions: 25,
        height: 6,
        ..Scenario::new()
    }
    .run(900)
    .histories
});

fn verdict(tamper: impl FnOnce(&mut Histories, &mut BTreeSet<B256>)) -> Result<(), Violation> {
    let (mut histories, mut forbidden) = (GOOD.clone(), BTreeSet::new());
    tamper(&mut histories, &mut forbidden);
    let founding = Scenario::new().founding;
    check_histories(&founding, &histories, &BTreeSet::new(), &forbidden).map(drop)
}

fn finds(words: &str, tamper: impl FnOnce(&mut Histories, &mut BTreeSet<B256>)) {
    match verdict(tamper) {
        Err(Violation::Broken(why)) => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?} instead of {words:?}"),
    }
}

/// A height with at least two transactions.
fn busy() -> u64 {
    let full = GOOD[0].iter().find(|(_, f)| f.receipts.len() > 1);
    *full.expect("a block with two transactions").0
}

fn change_receipt(told: &mut Finalised) {
    let mut receipts = told.receipts.to_vec();
    receipts[0].success = !receipts[0].success;
    told.receipts = Arc::new(receipts);
}

#[test]
fn nothing_in_a_good_run() {
    assert_eq!(verdict(|_, _| ()), Ok(()));
}

#[test]
fn a_member_with_other_receipts() {
    let number = busy();
    let result = verdict(|h, _| change_receipt(h[2].get_mut(&number).unwrap()));
    let expected = Violation::Fork {
        number,
        members: (0, 2),
        what: "list of receipts",
    };
    assert_eq!(result, Err(expected));
}

#[test]
fn a_member_with_another_block() {
    let other = Scenario {
        transactions: 25,
        height: 6,
        ..Scenario::new()
    }
    .run(901)
    .histories;
    let result = verdict(|h, _| {
        h[3].insert(5, other[3][&5].clone());
    });
    assert_eq!(
        result,
        Err(Violation::Fork {
            number: 5,
            members: (0, 3),
            what: "hash"
        })
    );
}

#[test]
fn receipts_that_execution_does_not_give() {
    let number = busy();
    finds("another list of receipts when executed again", |h, _| {
        h.iter_mut()
            .for_each(|h| change_receipt(h.get_mut(&number).unwrap()));
    });
}

#[test]
fn a_witness_that_lies() {
    let number = busy();
    finds("the witness is wrong", |h, _| {
        let told = h[1].get_mut(&number).unwrap();
        let mut witness = told.witness.to_vec();
        for (_, value) in &mut witness {
            if let Some(StateValue::Account(account)) = value {
                account.balance += U256::from(1);
            }
        }
        told.witness = Arc::new(witness);
    });
}

#[test]
fn a_gap() {
    finds("was told of", |h, _| drop(h[1].remove(&3)));
}

#[test]
fn a_chain_that_starts_late() {
    finds("was told of", |h, _| drop(h[1].remove(&1)));
}

#[test]
fn a_block_that_must_not_be_final() {
    finds("breaks the rules", |h, forbidden| {
        forbidden.extend([h[0][&4].block.hash()])
    });
}

#[test]
fn a_member_that_is_told_twice_with_a_difference() {
    let world = World::new(4, Load::default());
    let number = busy();
    world.with(|w| {
        for (_, told) in GOOD[0].range(..=number) {
            w.told((0, 0), told.clone());
        }
        let mut again = GOOD[0][&number].clone();
        w.told((0, 1), again.clone());
        assert!(w.violations.is_empty(), "{:?}", w.violations);
        change_receipt(&mut again);
        w.told((0, 2), again);
        assert!(w.violations[0].contains("twice"), "{:?}", w.violations);
    });
}

#[test]
fn a_member_that_skips_a_height() {
    let world = World::new(4, Load::default());
    world.with(|w| {
        w.told((0, 0), GOOD[0][&1].clone());
        w.told((0, 0), GOOD[0][&3].clone());
        assert!(w.violations[0].contains("after"), "{:?}", w.violations);
    });
}
