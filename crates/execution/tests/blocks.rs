//! Blocks: value, nonces, fees, gas, receipts, the history of block hashes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use alloy_eips::eip2935::{HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE};
use alloy_primitives::{Address, B256, TxKind, U256, keccak256};
use common::{ETHER, Tx, World, asm, contract, rich, who};
use commonhold_execution::{CallRequest, Mode, Overlay, Progress, Step, limits};
use commonhold_primitives::{StateKey, genesis::Allocation};

#[test]
fn a_transfer_on_a_free_network_costs_its_value_alone() {
    let mut world = World::new(true, []);
    let done = world.block([Tx {
        value: 5,
        fee: 9,
        tip: 9,
        ..Tx::default()
    }]);
    assert_eq!(done.gas_used, 21_000);
    assert_eq!(world.balance(who(1)), U256::from(ETHER - 5));
    assert_eq!(world.balance(who(9)), U256::from(5));
    assert_eq!(world.account(who(1)).unwrap().nonce, 1);
    assert_eq!(
        world.account(world.env.beneficiary),
        None,
        "nothing was taken"
    );
    assert_eq!(world.needs, 0, "everything was prefetched");
}

#[test]
fn every_kind_of_transaction_runs_and_its_receipt_says_which() {
    let mut world = World::new(true, []);
    let access = vec![(who(3), vec![U256::from(1)])];
    let auth = common::authorise(4, 0, who(3));
    let done = world.block([
        Tx {
            kind: 0,
            ..Tx::default()
        },
        Tx {
            kind: 1,
            nonce: 1,
            gas: 50_000,
            access: access.clone(),
            ..Tx::default()
        },
        Tx {
            kind: 2,
            nonce: 2,
            gas: 50_000,
            access,
            ..Tx::default()
        },
        Tx {
            kind: 4,
            nonce: 3,
            gas: 100_000,
            authorisations: vec![auth],
            ..Tx::default()
        },
    ]);
    let kinds: Vec<u8> = done.receipts.iter().map(|r| r.tx_type as u8).collect();
    assert_eq!(kinds, [0, 1, 2, 4]);
    let gas: Vec<u64> = done
        .receipts
        .iter()
        .map(|r| r.cumulative_gas_used)
        .collect();
    // 21000; + access list 2400 + 1900; the same; 21000 + 25000 per authorisation - 12500 refunded
    // at most a fifth
    assert_eq!(gas[0], 21_000);
    assert_eq!(gas[1] - gas[0], 25_300);
    assert_eq!(gas[2] - gas[1], 25_300);
    assert_eq!(gas[3] - gas[2], 46_000 - 46_000 / 5);
    assert_eq!(done.gas_used, gas[3]);
    assert!(done.receipts.iter().all(|r| r.success));
}

#[test]
fn on_a_network_with_fees_the_base_fee_burns_and_the_tip_is_collected() {
    let mut world = World::new(false, []);
    world.block([Tx {
        value: 5,
        fee: 20,
        tip: 3,
        ..Tx::default()
    }]);
    assert_eq!(world.balance(who(1)), U256::from(ETHER - 5 - 21_000 * 10));
    assert_eq!(world.balance(world.env.beneficiary), U256::from(21_000 * 3));
}

#[test]
fn invalid_transactions_are_named_by_their_fault() {
    let mut free = World::new(true, [(who(7), contract("STOP"))]);
    let mut paid = World::new(false, []);
    assert!(
        free.refusal(Tx {
            nonce: 1,
            ..Tx::default()
        })
        .contains("nonce")
    );
    assert!(
        free.refusal(Tx {
            value: ETHER + 1,
            ..Tx::default()
        })
        .contains("lack of funds")
    );
    assert!(
        free.refusal(Tx {
            gas: 20_999,
            ..Tx::default()
        })
        .contains("gas")
    );
    assert!(
        free.refusal(Tx {
            fee: 1,
            tip: 2,
            ..Tx::default()
        })
        .contains("priority fee")
    );
    assert!(
        paid.refusal(Tx {
            fee: 8,
            tip: 9,
            ..Tx::default()
        })
        .contains("priority fee")
    );
    assert!(
        paid.refusal(Tx {
            fee: 6,
            ..Tx::default()
        })
        .contains("basefee")
    );
    assert!(
        paid.refusal(Tx {
            kind: 0,
            fee: 6,
            ..Tx::default()
        })
        .contains("basefee")
    );
    assert!(
        paid.refusal(Tx {
            value: ETHER,
            fee: 7,
            ..Tx::default()
        })
        .contains("lack of funds")
    );
    assert!(
        free.refusal(Tx {
            from: 7,
            ..Tx::default()
        })
        .contains("code"),
        "EIP-3607"
    );
    let absurd = Tx {
        fee: u128::MAX,
        tip: u128::MAX,
        ..Tx::default()
    };
    assert!(paid.refusal(absurd).contains("overflow"));
    let cap = 16_777_216;
    assert!(
        free.refusal(Tx {
            gas: cap + 1,
            ..Tx::default()
        })
        .contains("cap"),
        "EIP-7825"
    );
    let input = vec![0; 49_153].into();
    let create = Tx {
        to: TxKind::Create,
        gas: cap,
        input,
        ..Tx::default()
    };
    assert!(free.refusal(create).contains("initcode"));
}

#[test]
fn a_builder_leaves_out_what_a_verifier_refuses() {
    let mut world = World::new(true, []);
    let txs: Vec<_> = [
        Tx {
            nonce: 1,
            ..Tx::default()
        },
        Tx::default(),
        Tx {
            from: 2,
            value: ETHER + 1,
            ..Tx::default()
        },
        Tx {
            nonce: 1,
            ..Tx::default()
        },
    ]
    .map(Tx::sign)
    .into();
    let built = world.attempt(&txs, Mode::Build).unwrap();
    assert_eq!(built.included, [1, 3]);
    assert_eq!(
        built.skipped.iter().map(|(i, _)| *i).collect::<Vec<_>>(),
        [0, 2]
    );
    assert_eq!(built.receipts.len(), 2);
    assert_eq!(world.attempt(&txs, Mode::Verify).unwrap_err().0, 0);
    let kept: Vec<_> = built.included.iter().map(|i| txs[*i].clone()).collect();
    let verified = world.attempt(&kept, Mode::Verify).unwrap();
    assert_eq!(verified.receipts, built.receipts);
    assert_eq!(
        verified.overlay.into_writes_sorted(),
        built.overlay.into_writes_sorted()
    );
}

#[test]
fn a_block_takes_what_fits_its_gas() {
    let mut world = World::new(true, []);
    world.env.gas_limit = 21_000 * 2 + 20_000;
    let txs: Vec<_> = [
        Tx {
            gas: 40_000,
            ..Tx::default()
        },
        Tx {
            from: 2,
            gas: 50_000,
            ..Tx::default()
        },
        Tx {
            from: 3,
            gas: 21_000,
            ..Tx::default()
        },
    ]
    .map(Tx::sign)
    .into();
    let built = world.attempt(&txs, Mode::Build).unwrap();
    assert_eq!(
        built.included,
        [0, 2],
        "what was offered counts until what was used is known"
    );
    assert_eq!(built.gas_used, 42_000);
    assert!(
        world
            .attempt(&txs, Mode::Verify)
            .unwrap_err()
            .1
            .contains("gas left in the block")
    );
}

#[test]
fn an_empty_block_records_its_parent() {
    let mut world = World::new(true, []);
    assert_eq!(world.code(HISTORY_STORAGE_ADDRESS), HISTORY_STORAGE_CODE);
    let parent = world.env.parent_hash;
    let done = world.block([]);
    let (_, writes) = done.overlay.into_parts();
    assert_eq!(writes.len(), 1);
    assert_eq!(
        world.slot(HISTORY_STORAGE_ADDRESS, 0),
        U256::from_be_bytes(parent.0)
    );
    world.env.number = 8_191 + 3;
    world.env.parent_hash = B256::repeat_byte(5);
    world.block([]);
    assert_eq!(
        world.slot(HISTORY_STORAGE_ADDRESS, 2),
        U256::from_be_bytes([5; 32]),
        "a ring"
    );
}

#[test]
fn block_hashes_reach_back_256_blocks() {
    // stores BLOCKHASH(calldata) at slot calldata
    let code = "PUSH0 CALLDATALOAD BLOCKHASH PUSH0 CALLDATALOAD SSTORE";
    let mut world = World::new(true, [(Address::repeat_byte(1), contract(code))]);
    let mut hashes = vec![world.env.parent_hash];
    for _ in 0..300 {
        world.block([]);
        hashes.push(world.env.parent_hash);
    }
    let number = world.env.number;
    let ask = |nonce, of: u64| Tx {
        nonce,
        to: TxKind::Call(Address::repeat_byte(1)),
        gas: 100_000,
        input: U256::from(of).to_be_bytes_vec().into(),
        ..Tx::default()
    };
    world.block([
        ask(0, number - 1),
        ask(1, number - limits::BLOCK_HASH_WINDOW),
        ask(2, number - limits::BLOCK_HASH_WINDOW - 1),
        ask(3, number),
    ]);
    let got = |of: u64| B256::from(world.slot(Address::repeat_byte(1), of));
    assert_eq!(
        got(number - 1),
        hashes[usize::try_from(number).unwrap() - 1]
    );
    assert_eq!(
        got(number - limits::BLOCK_HASH_WINDOW),
        hashes[usize::try_from(number).unwrap() - 256]
    );
    assert_eq!(got(number - limits::BLOCK_HASH_WINDOW - 1), B256::ZERO);
    assert_eq!(got(number), B256::ZERO);
    // the history contract gives what the instruction gives, and more
    let ask = |of: u64| {
        let request = CallRequest {
            to: Some(HISTORY_STORAGE_ADDRESS),
            input: U256::from(of).to_be_bytes_vec().into(),
            ..CallRequest::default()
        };
        B256::from_slice(&world.call(&request).unwrap().output)
    };
    assert_eq!(
        ask(number - 1),
        hashes[usize::try_from(number).unwrap() - 1]
    );
    assert_eq!(
        ask(number - 280),
        hashes[usize::try_from(number).unwrap() - 280]
    );
}

#[test]
fn genesis_founds_allocations_history_and_modules() {
    let slot = (B256::with_last_byte(1), B256::with_last_byte(2));
    let none = (B256::with_last_byte(3), B256::ZERO);
    let full = Allocation {
        balance: U256::from(3),
        nonce: 4,
        code: asm("STOP"),
        storage: [slot, none].into(),
    };
    let world = World::new(true, [(who(8), full), (who(9), Allocation::default())]);
    let account = world.account(who(8)).unwrap();
    assert_eq!((account.nonce, account.balance), (4, U256::from(3)));
    assert_eq!(account.code_hash, keccak256([0]));
    assert_eq!(world.code(who(8)), asm("STOP"));
    assert_eq!(world.slot(who(8), 1), U256::from(2));
    assert!(
        !world
            .state
            .contains_key(&StateKey::Slot(who(8), U256::from(3))),
        "zero is absent"
    );
    assert_eq!(world.account(who(9)), None, "empty accounts are not kept");
    let module = world.account(common::TALLY).unwrap();
    assert_eq!((module.nonce, module.code_hash), (1, keccak256([0xfe])));
    assert_eq!(
        world.slot(common::TALLY, 1),
        U256::from(common::CHAIN),
        "the module's own genesis"
    );
}

#[test]
fn genesis_refuses_what_cannot_be() {
    let machine = common::machine(true);
    let other = commonhold_primitives::Genesis {
        chain_id: 5,
        ..common::genesis([])
    };
    assert!(
        machine
            .genesis_writes(&other)
            .unwrap_err()
            .to_string()
            .contains("chain 5")
    );
    let squatter = common::genesis([(common::TALLY, contract("STOP"))]);
    assert!(
        machine
            .genesis_writes(&squatter)
            .unwrap_err()
            .to_string()
            .contains("module")
    );
    let funded = common::genesis([(common::TALLY, rich())]);
    assert!(machine.genesis_writes(&funded).is_ok());
}

#[test]
fn block_one_starts_from_the_genesis_writes() {
    let world = World::new(true, []);
    let alloc = (1..=4).map(|n| (who(n), rich()));
    let writes = world
        .machine
        .genesis_writes(&common::genesis(alloc))
        .unwrap();
    let overlay = Overlay::with_writes(writes);
    let txs = [Tx {
        value: 1,
        ..Tx::default()
    }
    .sign()];
    let mut progress = Progress::new(overlay);
    for key in world.machine.prefetch(&world.env, &txs) {
        if !progress.overlay.knows(&key) {
            progress.overlay.insert_read(key, None);
        }
    }
    let Step::Done(done) = world.machine.run(&world.env, &txs, progress, Mode::Verify) else {
        unreachable!("everything is known");
    };
    assert!(done.receipts[0].success);
    let mut other = world.clone();
    other.state.clear();
    other.apply(done.overlay.into_writes_sorted());
    assert_eq!(other.balance(who(1)), U256::from(ETHER - 1));
    assert_eq!(other.balance(who(2)), U256::from(ETHER));
    assert_eq!(other.code(HISTORY_STORAGE_ADDRESS), HISTORY_STORAGE_CODE);
}
