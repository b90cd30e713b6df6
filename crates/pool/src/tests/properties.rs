//! What holds after any sequence of messages.

use std::collections::HashSet;

use alloy_consensus::TxEip1559;
use alloy_primitives::{B256, TxKind, U256};
use proptest::prelude::*;

use super::{
    invariants::{check, check_selection},
    ledger::{BLOCK_GAS, Ledger, pool},
    support::{Wallet, enter, transfer},
};
use crate::{
    AccountView, Origin, Pool,
    entrance::{Entry, Place},
};

#[derive(Clone, Debug)]
enum Op {
    Admit {
        sender: u64,
        ahead: u64,
        fee: u128,
        value: u64,
        bytes: usize,
        local: bool,
    },
    Select {
        skip: usize,
        gas: u64,
        count: usize,
    },
    Reject(usize),
    Leave,
    Block,
}

fn op() -> impl Strategy<Value = Op> {
    let admit = (
        0..10u64,
        0..6u64,
        0..4u128,
        0..600u64,
        prop_oneof![9 => Just(0usize), 1 => Just(20_000)],
        any::<bool>(),
    )
        .prop_map(|(sender, ahead, fee, value, bytes, local)| Op::Admit {
            sender,
            ahead,
            fee,
            value,
            bytes,
            local,
        });
    let select = (0..8usize, 0..BLOCK_GAS * 2, 0..40usize)
        .prop_map(|(skip, gas, count)| Op::Select { skip, gas, count });
    prop_oneof![16 => admit, 3 => select, 1 => (0..5usize).prop_map(Op::Reject), 2 => Just(Op::Block), 1 => Just(Op::Leave)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_leaves_the_pool_in_order(ops in proptest::collection::vec(op(), 1..160)) {
        let (pool, mut ledger) = (pool(), Ledger::default());
        let wallets: Vec<Wallet> = (0..10).map(Wallet::new).collect();
        // The first three are strangers until they send.
        for wallet in &wallets[3..] {
            ledger.0.insert(wallet.address(), AccountView { nonce: 0, balance: U256::from(1_000) });
        }
        let mut places: Vec<Place> = Vec::new();
        for op in ops {
            match op {
                Op::Admit { sender, ahead, fee, value, bytes, local } => {
                    let wallet = &wallets[usize::try_from(sender).unwrap()];
                    let account = ledger.account(&wallet.address());
                    let tx = wallet.sign(TxEip1559 {
                        max_fee_per_gas: fee,
                        max_priority_fee_per_gas: fee,
                        value: U256::from(value),
                        gas_limit: if bytes == 0 { 21_000 } else { BLOCK_GAS },
                        input: vec![0; bytes / 10].into(),
                        to: TxKind::Call(wallets[0].address()),
                        ..transfer(account.nonce + ahead)
                    });
                    let held: HashSet<B256> = local_hashes(&pool);
                    let executable: HashSet<B256> = pool
                        .select(u64::MAX / 2, usize::MAX / 2, 10_000, &HashSet::new())
                        .iter()
                        .map(|tx| tx.hash())
                        .collect();
                    let evicted = if local {
                        match enter(&pool, tx, account) {
                            Ok(Entry::Taken(done)) => done.evicted,
                            Ok(Entry::Waits(place)) => {
                                places.push(place);
                                Vec::new()
                            }
                            Err(_) => Vec::new(),
                        }
                    } else {
                        pool.admit(tx, account, Origin::Gossip).map(|done| done.evicted).unwrap_or_default()
                    };
                    for hash in evicted.iter().filter(|hash| held.contains(*hash)) {
                        prop_assert!(local, "what is acknowledged does not give way to gossip");
                        prop_assert!(!executable.contains(hash), "nor, where it can be executed, to anybody");
                    }
                }
                Op::Leave => drop(places.pop()),
                Op::Select { skip, gas, count } => {
                    let pending = pool.select(BLOCK_GAS, 64 * 1024, skip, &HashSet::new());
                    let skip = pending.iter().map(|tx| tx.hash()).collect();
                    check_selection(&pool, &ledger, &skip, gas, count);
                }
                Op::Reject(count) => {
                    let chosen = pool.select(BLOCK_GAS, 64 * 1024, count, &HashSet::new());
                    pool.reject(&chosen.iter().map(|tx| tx.hash()).collect::<Vec<_>>());
                }
                Op::Block => drop(ledger.block(&pool)),
            }
            check(&pool);
        }
    }
}

fn local_hashes(pool: &Pool) -> HashSet<B256> {
    pool.0
        .core
        .lock()
        .announced
        .iter()
        .map(|(_, hash)| *hash)
        .collect()
}
