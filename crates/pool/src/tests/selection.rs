//! What a block is made of, and in which turns.

use std::{collections::HashSet, sync::Arc};

use alloy_consensus::TxEip1559;
use alloy_primitives::{B256, U256};
use commonhold_primitives::Transaction;
use futures::FutureExt as _;

use super::support::{BYTES, CHAIN, GAS, Wallet, add, all, free, rich, transfer};
use crate::{AccountView, Origin, Pool, PoolConfig};

#[test]
fn selects_in_nonce_order_without_gaps_and_behind_skipped_ones() {
    let (pool, wallet) = (free(), Wallet::new(1));
    let hashes: Vec<B256> = [2, 0, 1, 4]
        .map(|nonce| add(&pool, wallet.transfer(nonce)))
        .to_vec();
    let nonces =
        |chosen: Vec<Arc<Transaction>>| chosen.iter().map(|tx| tx.nonce()).collect::<Vec<_>>();
    assert_eq!(nonces(all(&pool, 10)), [0, 1, 2]);
    assert_eq!(pool.pending_nonce(&wallet.address()), Some(3));
    let skip: HashSet<B256> = [hashes[1], hashes[2]].into();
    assert_eq!(nonces(pool.select(GAS, BYTES, 10, &skip)), [2]);
    assert_eq!(nonces(all(&pool, 2)), [0, 1]);
    assert_eq!(
        nonces(pool.select(42_000, BYTES, 10, &HashSet::new())),
        [0, 1]
    );
    let one = wallet.transfer(0).raw().len();
    assert_eq!(nonces(pool.select(GAS, one, 10, &HashSet::new())), [0]);
    let status = pool.status();
    assert_eq!((status.pending, status.queued, status.lanes), (3, 1, 1));
    let content = pool.content_from(&wallet.address());
    assert_eq!((content.pending.len(), content.queued.len()), (3, 1));
}

#[test]
fn what_a_lane_cannot_pay_together_waits() {
    let (pool, wallet) = (free(), Wallet::new(1));
    for nonce in 0..3 {
        add(
            &pool,
            wallet.sign(TxEip1559 {
                value: U256::from(400_000),
                ..transfer(nonce)
            }),
        );
    }
    assert_eq!(all(&pool, 10).len(), 2);
    pool.finalised(
        &[],
        &[(
            wallet.address(),
            AccountView {
                nonce: 0,
                balance: U256::from(1_200_000),
            },
        )],
    );
    assert_eq!(all(&pool, 10).len(), 3);
}

#[test]
fn one_lane_cannot_crowd_out_another_nor_large_ones_small_ones() {
    let pool = free();
    let large = |nonce| TxEip1559 {
        gas_limit: 10_000_000,
        ..transfer(nonce)
    };
    for nonce in 0..100 {
        add(&pool, Wallet::new(1).transfer(nonce));
        add(&pool, Wallet::new(2).sign(large(nonce)));
    }
    let late = add(&pool, Wallet::new(3).transfer(0));
    assert!(all(&pool, 2).iter().any(|tx| tx.hash() == late));
    // 30 of the large ones fill a block; they do not keep the small ones out of it.
    let chosen = all(&pool, 1_000);
    assert_eq!(
        chosen
            .iter()
            .filter(|tx| tx.sender() == Wallet::new(1).address())
            .count(),
        100
    );
}

#[test]
fn who_was_served_is_served_again_after_the_others() {
    let pool = free();
    let wallets: Vec<Wallet> = (0..3).map(Wallet::new).collect();
    for wallet in &wallets {
        for nonce in 0..2 {
            add(&pool, wallet.transfer(nonce));
        }
    }
    let mut order = Vec::new();
    for _ in 0..6 {
        let tx = all(&pool, 1).remove(0);
        order.push(
            wallets
                .iter()
                .position(|wallet| wallet.address() == tx.sender())
                .unwrap(),
        );
        pool.finalised(&[tx.hash()], &[(tx.sender(), rich(tx.nonce() + 1))]);
    }
    assert_eq!(order, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn newcomers_without_end_do_not_keep_a_large_one_out() {
    let pool = Pool::new(PoolConfig::new(CHAIN, 0, 8 * 21_000));
    let large = add(
        &pool,
        Wallet::new(0).sign(TxEip1559 {
            gas_limit: 4 * 21_000,
            ..transfer(0)
        }),
    );
    for block in 1..=10 {
        for newcomer in 0..8 {
            add(&pool, Wallet::new(block * 8 + newcomer).transfer(0));
        }
        let chosen = pool.select(8 * 21_000, BYTES, 100, &HashSet::new());
        let hashes: Vec<B256> = chosen.iter().map(|tx| tx.hash()).collect();
        if hashes.contains(&large) {
            return;
        }
        let accounts: Vec<_> = chosen.iter().map(|tx| (tx.sender(), rich(1))).collect();
        pool.finalised(&hashes, &accounts);
    }
    panic!("it asks for half a block among nine senders, and has waited for ten blocks");
}

#[test]
fn strangers_get_a_quarter_of_a_block() {
    let pool = free();
    for seed in 0..20 {
        pool.admit(
            Wallet::new(seed).transfer(0),
            AccountView::default(),
            Origin::Gossip,
        )
        .unwrap();
        add(&pool, Wallet::new(100 + seed).transfer(0));
    }
    let chosen = all(&pool, 20);
    let strangers = chosen
        .iter()
        .filter(|tx| (0..20).any(|s| Wallet::new(s).address() == tx.sender()))
        .count();
    assert_eq!((chosen.len(), strangers), (20, 5));
}

#[test]
fn ready_waits_for_something_that_is_not_in_a_pending_block() {
    let (pool, wallet) = (free(), Wallet::new(1));
    let mut skip = HashSet::new();
    {
        let mut ready = Box::pin(pool.ready(&skip));
        assert!(ready.as_mut().now_or_never().is_none());
        add(&pool, wallet.transfer(1));
        assert!(
            ready.as_mut().now_or_never().is_none(),
            "it stands behind a gap"
        );
        add(&pool, wallet.transfer(0));
        assert!(ready.as_mut().now_or_never().is_some());
    }
    skip.extend(all(&pool, 10).iter().map(|tx| tx.hash()));
    let mut ready = Box::pin(pool.ready(&skip));
    assert!(ready.as_mut().now_or_never().is_none());
    pool.admit(
        Wallet::new(2).transfer(0),
        AccountView::default(),
        Origin::Gossip,
    )
    .unwrap();
    assert!(
        ready.as_mut().now_or_never().is_some(),
        "a stranger's counts"
    );
}
