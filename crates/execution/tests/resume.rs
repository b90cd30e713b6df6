//! Whatever is loaded when, a block gives the same: that is what consensus rests on.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use std::sync::Arc;

use alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_sol_types::SolCall as _;
use common::{ITally, TALLY, Tx, World, asm, authorise, contract, init, push, who};
use commonhold_execution::{Executed, Mode, Overlay, Progress, Refusal, Step, limits};
use commonhold_primitives::{StateKey, Transaction, genesis::Allocation};
use proptest::prelude::*;

const CHASE: Address = Address::repeat_byte(0x0a);
const RELAY: Address = Address::repeat_byte(0x0b);
const MAKER: Address = Address::repeat_byte(0x0c);

/// Follows a chain of slots: the value of each is the number of the next. Stores where it ends.
fn chaser() -> Allocation {
    // byte 2: the loop; byte 13: on with the next link
    let code = "PUSH0 CALLDATALOAD JUMPDEST DUP1 SLOAD DUP1 600d JUMPI POP PUSH0 SSTORE STOP \
                JUMPDEST SWAP1 POP 6002 JUMP";
    let storage = (1..=40u8)
        .map(|n| {
            (
                B256::with_last_byte(n),
                B256::with_last_byte(if n == 40 { 0 } else { n + 1 }),
            )
        })
        .collect();
    Allocation {
        storage,
        ..contract(code)
    }
}

fn world() -> World {
    let relay = format!(
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 PUSH0 {} GAS CALL \
         CALLER SSTORE",
        push(TALLY)
    );
    let maker =
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY CALLDATASIZE PUSH0 PUSH0 CREATE PUSH0 SSTORE";
    World::new(
        false,
        [
            (CHASE, chaser()),
            (RELAY, contract(&relay)),
            (MAKER, contract(maker)),
        ],
    )
}

/// One of the things people do.
fn deed() -> impl Strategy<Value = (u8, Tx)> {
    let word = |n: u64| Bytes::from(U256::from(n).to_be_bytes_vec());
    let add = |by: u64| Bytes::from(ITally::addCall { by: U256::from(by) }.abi_encode());
    let to = |address, input| Tx {
        to: TxKind::Call(address),
        gas: 400_000,
        input,
        ..Tx::default()
    };
    let what = prop_oneof![
        (1..30u8, 0..5u128).prop_map(|(n, value)| Tx {
            to: TxKind::Call(who(n)),
            value,
            ..Tx::default()
        }),
        (35..42u64).prop_map(move |n| to(CHASE, word(n))),
        (1..1_100u64).prop_map(move |n| to(TALLY, add(n))),
        (1..1_100u64).prop_map(move |n| to(RELAY, add(n))),
        (0..3u8).prop_map(move |n| to(MAKER, init(&vec![n; 20].into()))),
        (0..3u8).prop_map(move |n| Tx {
            to: TxKind::Create,
            ..to(MAKER, init(&vec![n; 20].into()))
        }),
        (0..3u8).prop_map(move |n| Tx {
            to: TxKind::Create,
            ..to(MAKER, asm(&format!("6001 60{n:02x} SSTORE")))
        }),
        (1..5u8, 0..3u64, 1..5u8).prop_map(move |(n, nonce, m)| Tx {
            kind: 4,
            authorisations: vec![authorise(n, nonce, Address::repeat_byte(0x09 + m))],
            ..to(who(m), Bytes::new())
        }),
    ];
    (1..5u8, what)
}

fn block(deeds: Vec<(u8, Tx)>) -> Vec<Arc<Transaction>> {
    let mut nonces = [0; 5];
    deeds
        .into_iter()
        .map(|(from, tx)| {
            let nonce = nonces[usize::from(from)];
            nonces[usize::from(from)] += 1;
            Tx {
                from,
                nonce,
                fee: 9,
                tip: 2,
                ..tx
            }
            .sign()
        })
        .collect()
}

/// Runs with everything loaded that `known` allows beforehand, then with one entry per need at most
/// `at_once` loaded in the order that `order` gives.
fn run(
    world: &World,
    txs: &[Arc<Transaction>],
    known: &[bool],
    at_once: usize,
    order: u64,
) -> Executed {
    let mut progress = Progress::new(Overlay::default());
    for ((key, value), known) in world.state.iter().zip(known.iter().cycle()) {
        if *known {
            progress.overlay.insert_read(*key, Some(value.clone()));
        }
    }
    let mut steps = 0;
    loop {
        steps += 1;
        assert!(steps < 10_000, "no end");
        match world.machine.run(&world.env, txs, progress, Mode::Build) {
            Step::Done(done) => return done,
            Step::Invalid { .. } => unreachable!("a builder leaves out"),
            Step::Need {
                progress: p,
                mut keys,
            } => {
                progress = p;
                if keys.is_empty() {
                    continue;
                }
                let by = usize::try_from(order).unwrap() % keys.len();
                keys.rotate_left(by);
                for key in keys.into_iter().take(at_once) {
                    world.load(&mut progress.overlay, key);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_loading_changes_nothing(
        deeds in proptest::collection::vec(deed(), 1..14),
        known in proptest::collection::vec(any::<bool>(), 1..20),
        at_once in 1..6usize,
        order in 0..1_000u64,
    ) {
        let world = world();
        let txs = block(deeds);
        let all = run(&world, &txs, &[true], usize::MAX, 0);
        let some = run(&world, &txs, &known, at_once, order);
        let none = run(&world, &txs, &[false], usize::MAX, order);
        let (reads, expected) = none.overlay.clone().into_parts();
        // what was read says what stood under every key that was read or written, and suffices
        for (key, value) in &reads {
            prop_assert_eq!(value.as_ref(), world.state.get(key), "{:?}", key);
        }
        for (key, _) in &expected {
            let told = reads.binary_search_by_key(key, |(known, _)| *known).is_ok();
            let exempt = matches!(key, StateKey::Code(_) | StateKey::Slot(HISTORY_STORAGE_ADDRESS, _));
            prop_assert!(told || exempt, "{:?} was not read", key);
        }
        let mut progress = Progress::new(Overlay::default());
        for (key, value) in &reads {
            progress.overlay.insert_read(*key, value.clone());
        }
        let Step::Done(again) = world.machine.run(&world.env, &txs, progress, Mode::Build) else {
            panic!("more was asked for");
        };
        for other in [some, none, again] {
            prop_assert_eq!(&all.included, &other.included);
            prop_assert_eq!(&all.skipped, &other.skipped);
            prop_assert_eq!(&all.receipts, &other.receipts);
            prop_assert_eq!(all.gas_used, other.gas_used);
            prop_assert_eq!(&expected, &other.overlay.into_writes_sorted());
        }
    }
}

fn chase(from: u8, first: u64) -> Tx {
    let input = U256::from(first).to_be_bytes_vec().into();
    Tx {
        from,
        to: TxKind::Call(CHASE),
        gas: 400_000,
        fee: 9,
        input,
        ..Tx::default()
    }
}

#[test]
fn a_chain_of_reads_takes_a_step_for_each_link() {
    let mut world = world();
    let done = world.attempt(&[chase(1, 31).sign()], Mode::Verify).unwrap();
    assert!(done.receipts[0].success);
    let links = done
        .overlay
        .reads()
        .filter(|(key, _)| matches!(key, StateKey::Slot(..)))
        .count();
    assert_eq!(links, 10 + 1 + 1, "and the history of block hashes");
    assert!((10..=13).contains(&world.needs), "{}", world.needs);
}

#[test]
fn a_builder_does_not_follow_a_chain_for_ever_and_a_verifier_does() {
    let mut world = world();
    let txs = [chase(1, 1).sign(), chase(2, 35).sign()];
    const { assert!(40 > limits::TRANSACTION_ROUNDS_MAX) };
    let built = world.attempt(&txs, Mode::Build).unwrap();
    assert_eq!(built.included, [1]);
    assert_eq!(built.skipped, [(0, Refusal::Winding)]);
    assert_eq!(world.attempt(&txs, Mode::Verify).unwrap().included, [0, 1]);
    // named in an access list, the links cost no steps
    let slots = (1..=40).map(U256::from).collect();
    let named = Tx {
        access: vec![(CHASE, slots)],
        ..chase(1, 1)
    };
    world.needs = 0;
    assert_eq!(
        world
            .attempt(&[named.sign()], Mode::Build)
            .unwrap()
            .included,
        [0]
    );
    assert!(world.needs <= 2, "{}", world.needs);
}

#[test]
fn a_builder_does_not_repeat_costly_transactions_for_ever() {
    // fills memory for 14.7 million gas, then follows the chain
    let code = "PUSH0 622a0000 MSTORE PUSH0 CALLDATALOAD JUMPDEST DUP1 SLOAD DUP1 6013 JUMPI POP PUSH0 \
                SSTORE STOP JUMPDEST SWAP1 POP 6008 JUMP";
    let costly = Allocation {
        code: asm(code),
        ..chaser()
    };
    let mut world = World::new(false, [(CHASE, costly.clone()), (RELAY, costly)]);
    world.env.gas_limit = 300_000_000;
    let gas = 16_000_000;
    let txs = [
        Tx {
            gas,
            ..chase(1, 15)
        },
        Tx {
            gas,
            to: TxKind::Call(RELAY),
            ..chase(2, 1)
        },
        Tx {
            gas,
            ..chase(3, 40)
        },
    ]
    .map(Tx::sign);
    // 26 links at 15 million gas each, then 40 of which looking ahead finds a half
    let built = world.attempt(&txs, Mode::Build).unwrap();
    assert_eq!(built.included, [0, 2]);
    assert_eq!(built.skipped, [(1, Refusal::Winding)]);
    assert!(built.receipts.iter().all(|receipt| receipt.success));
    const { assert!(26 < limits::TRANSACTION_ROUNDS_MAX) };
    assert_eq!(
        world.attempt(&txs, Mode::Verify).unwrap().included,
        [0, 1, 2]
    );
}

#[test]
fn one_step_asks_for_the_entries_of_many_transactions() {
    let mut world = world();
    let add = ITally::addCall { by: U256::from(1) }.abi_encode();
    let txs: Vec<_> = (0..20)
        .map(|n| {
            let from = n % 4 + 1;
            let nonce = u64::from(n / 4);
            let to = TxKind::Call(RELAY);
            Tx {
                from,
                nonce,
                to,
                gas: 400_000,
                fee: 9,
                input: add.clone().into(),
                ..Tx::default()
            }
            .sign()
        })
        .collect();
    assert_eq!(
        world.attempt(&txs, Mode::Verify).unwrap().included.len(),
        20
    );
    assert!(
        world.needs <= 3,
        "code, then account and slots: {}",
        world.needs
    );
}
