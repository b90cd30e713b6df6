//! What the pool promises, case by case.

use std::{collections::HashSet, sync::Arc};

use alloy_consensus::TxEip1559;
use alloy_primitives::{B256, Bytes, TxKind, U256};
use commonhold_primitives::Transaction;
use futures::FutureExt as _;

use crate::{
    AccountView, Origin, Pool, PoolConfig, PoolError, limits,
    testing::{CHAIN, Wallet, rich, transfer},
};

const GAS: u64 = 300_000_000;
const BYTES: usize = 4 * 1024 * 1024;

fn free() -> Pool {
    Pool::new(PoolConfig::new(CHAIN, 0, GAS))
}

fn small(transactions_max: usize) -> Pool {
    Pool::new(PoolConfig {
        transactions_max,
        ..PoolConfig::new(CHAIN, 0, GAS)
    })
}

fn add(pool: &Pool, tx: Transaction) -> B256 {
    pool.admit(tx, rich(0), Origin::Local).unwrap().hash
}

fn all(pool: &Pool, count: usize) -> Vec<Arc<Transaction>> {
    pool.select(GAS, BYTES, count, &HashSet::new())
}

fn refusal(pool: &Pool, tx: TxEip1559) -> String {
    pool.admit(Wallet::new(1).sign(tx), rich(5), Origin::Local)
        .unwrap_err()
        .to_string()
}

#[test]
fn refuses_in_the_words_clients_know() {
    let pool = free();
    let cases = [
        ("nonce too low", transfer(4)),
        ("nonce too high", transfer(5 + limits::LANE_GAP_MAX)),
        ("nonce has max value", transfer(u64::MAX)),
        (
            "insufficient funds for gas * price + value",
            TxEip1559 {
                value: U256::from(1_000_001),
                ..transfer(5)
            },
        ),
        (
            "intrinsic gas too low",
            TxEip1559 {
                gas_limit: 20_999,
                ..transfer(5)
            },
        ),
        (
            "insufficient gas for floor data gas cost",
            TxEip1559 {
                gas_limit: 21_000 + 17 * 100,
                input: vec![1; 100].into(),
                ..transfer(5)
            },
        ),
        (
            "exceeds block gas limit",
            TxEip1559 {
                gas_limit: GAS + 1,
                ..transfer(5)
            },
        ),
        (
            "transaction gas limit too high",
            TxEip1559 {
                gas_limit: 16_777_217,
                ..transfer(5)
            },
        ),
        (
            "max priority fee per gas higher",
            TxEip1559 {
                max_priority_fee_per_gas: 1,
                ..transfer(5)
            },
        ),
        (
            "max initcode size exceeded",
            TxEip1559 {
                to: TxKind::Create,
                gas_limit: 16_000_000,
                input: Bytes::from(vec![0; limits::INIT_CODE_BYTES_MAX + 1]),
                ..transfer(5)
            },
        ),
    ];
    for (text, tx) in cases {
        let got = refusal(&pool, tx);
        assert!(got.starts_with(text), "{got} is not {text}");
    }
    assert!(pool.is_empty());
    add(&pool, Wallet::new(2).transfer(0));
    assert_eq!(
        pool.admit(Wallet::new(2).transfer(0), rich(0), Origin::Gossip),
        Err(PoolError::AlreadyKnown)
    );
}

#[test]
fn a_network_with_fees_wants_them_and_counts_gas() {
    let pool = Pool::new(PoolConfig::new(CHAIN, 10, GAS));
    assert!(
        refusal(
            &pool,
            TxEip1559 {
                max_fee_per_gas: 9,
                ..transfer(5)
            }
        )
        .starts_with("max fee per gas less than")
    );
    let paying = TxEip1559 {
        max_fee_per_gas: 10,
        ..transfer(5)
    };
    let tx = Wallet::new(1).sign(paying.clone());
    let account = |balance: u64| AccountView {
        nonce: 5,
        balance: U256::from(balance),
    };
    let short = pool.admit(tx.clone(), account(209_999), Origin::Local);
    assert!(matches!(short, Err(PoolError::InsufficientFunds { .. })));
    pool.admit(tx, account(210_000), Origin::Local).unwrap();
}

#[test]
fn a_replacement_offers_a_tenth_more_of_both() {
    let pool = free();
    let offer = |fee: u128, tip: u128| {
        Wallet::new(1).sign(TxEip1559 {
            max_fee_per_gas: fee,
            max_priority_fee_per_gas: tip,
            ..transfer(0)
        })
    };
    let first = add(&pool, offer(101, 50));
    for (fee, tip) in [(101, 55), (111, 55), (112, 54), (200, 50)] {
        assert_eq!(
            pool.admit(offer(fee, tip), rich(0), Origin::Local),
            Err(PoolError::Underpriced)
        );
    }
    let done = pool.admit(offer(112, 55), rich(0), Origin::Local).unwrap();
    assert_eq!(done.replaced, Some(first));
    assert_eq!((pool.len(), pool.get(&first).is_none()), (1, true));

    let nothing = Wallet::new(2);
    add(&pool, nothing.transfer(0));
    let same = TxEip1559 {
        value: U256::from(1),
        ..transfer(0)
    };
    assert_eq!(
        pool.admit(nothing.sign(same), rich(0), Origin::Local),
        Err(PoolError::Underpriced)
    );
}

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
fn the_longest_lane_gives_way_but_never_to_a_longer_one_and_acknowledged_never_to_gossip() {
    let pool = small(8);
    let (flooder, other) = (Wallet::new(1), Wallet::new(2));
    for nonce in 0..8 {
        pool.admit(flooder.transfer(nonce), rich(0), Origin::Gossip)
            .unwrap();
    }
    assert_eq!(
        pool.admit(flooder.transfer(8), rich(0), Origin::Gossip),
        Err(PoolError::PoolFull)
    );
    let done = pool
        .admit(other.transfer(0), rich(0), Origin::Gossip)
        .unwrap();
    assert_eq!(done.evicted, [flooder.transfer(7).hash()]);

    let pool = small(8);
    for nonce in 0..8 {
        add(&pool, flooder.transfer(nonce));
    }
    assert_eq!(
        pool.admit(other.transfer(0), rich(0), Origin::Gossip),
        Err(PoolError::PoolFull)
    );
    assert_eq!(
        pool.admit(other.transfer(0), rich(0), Origin::Local)
            .unwrap()
            .evicted
            .len(),
        1
    );
}

#[test]
fn lanes_that_cannot_be_executed_do_not_keep_new_senders_out() {
    let pool = small(64);
    let stranger = |seed, nonce| {
        let tx = Wallet::new(seed).transfer(nonce);
        (
            tx.hash(),
            pool.admit(tx, AccountView::default(), Origin::Local),
        )
    };
    for seed in 0..8 {
        stranger(seed, 1).1.unwrap();
    }
    // Strangers may have an eighth of the pool; another one behind a gap is not better than they are.
    assert_eq!(stranger(8, 1).1, Err(PoolError::PoolFull));
    let (hash, taken) = stranger(9, 0);
    assert_eq!(taken.unwrap().evicted.len(), 1);
    assert_eq!(all(&pool, 10)[0].hash(), hash);
    // Gossip does not take the place of what was acknowledged.
    let tx = Wallet::new(10).transfer(0);
    assert_eq!(
        pool.admit(tx, AccountView::default(), Origin::Gossip),
        Err(PoolError::PoolFull)
    );
}

#[test]
fn gossip_may_come_before_the_block_that_pays_for_it() {
    let (pool, wallet) = (free(), Wallet::new(1));
    let tx = wallet.sign(TxEip1559 {
        value: U256::from(5),
        ..transfer(0)
    });
    let refused = pool.admit(tx.clone(), AccountView::default(), Origin::Local);
    assert!(matches!(refused, Err(PoolError::InsufficientFunds { .. })));
    pool.admit(tx, AccountView::default(), Origin::Gossip)
        .unwrap();
    assert!(all(&pool, 10).is_empty());
    pool.finalised(&[], &[(wallet.address(), rich(0))]);
    assert_eq!(all(&pool, 10).len(), 1);
}

#[test]
fn a_full_lane_still_takes_what_comes_before_its_end() {
    let (pool, wallet) = (free(), Wallet::new(1));
    for nonce in 1..=1_024 {
        add(&pool, wallet.transfer(nonce));
    }
    assert!(!pool.has_room(&wallet.address()));
    assert_eq!(
        pool.admit(wallet.transfer(1_025), rich(0), Origin::Local),
        Err(PoolError::LaneFull)
    );
    let done = pool
        .admit(wallet.transfer(0), rich(0), Origin::Local)
        .unwrap();
    assert_eq!(done.evicted, [wallet.transfer(1_024).hash()]);
}

#[test]
fn what_is_final_or_stale_leaves_and_does_not_come_back() {
    let (pool, wallet) = (free(), Wallet::new(1));
    let hashes: Vec<B256> = (0..4)
        .map(|nonce| add(&pool, wallet.transfer(nonce)))
        .collect();
    // Another transaction of nonce 1 was final: ours is stale.
    pool.finalised(
        &[hashes[0], B256::repeat_byte(9)],
        &[(wallet.address(), rich(2))],
    );
    assert_eq!(
        all(&pool, 10)
            .iter()
            .map(|tx| tx.nonce())
            .collect::<Vec<_>>(),
        [2, 3]
    );
    // Late gossip, with an account read before the block.
    assert_eq!(
        pool.admit(wallet.transfer(0), rich(0), Origin::Gossip),
        Err(PoolError::AlreadyKnown)
    );
    let stale = pool.admit(wallet.transfer(1), rich(0), Origin::Gossip);
    assert!(matches!(
        stale,
        Err(PoolError::NonceTooLow { account: 2, .. })
    ));
    pool.finalised(&hashes[2..], &[(wallet.address(), rich(4))]);
    assert!(pool.is_empty());
    // The lane is gone, its account is not forgotten.
    add(&pool, wallet.transfer(4));
    assert_eq!(all(&pool, 10).len(), 1);
}

#[test]
fn what_no_builder_can_execute_leaves() {
    let (pool, wallet) = (free(), Wallet::new(1));
    let hash = add(&pool, wallet.transfer(0));
    for round in 0..limits::REJECTIONS_MAX {
        assert_eq!(all(&pool, 10).len(), 1, "round {round}");
        pool.reject(&[hash]);
        assert!(
            all(&pool, 10).is_empty(),
            "it rests until the next final block"
        );
        pool.finalised(&[], &[]);
    }
    assert!(pool.is_empty());
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

#[test]
fn long_lanes_wait_for_room_and_short_ones_do_not() {
    let pool = small(64);
    let (long, short) = (Wallet::new(1), Wallet::new(2));
    let hashes: Vec<B256> = (0..48)
        .map(|nonce| add(&pool, long.transfer(nonce)))
        .collect();
    let sender = long.address();
    let mut room = Box::pin(pool.wait_for_room(&sender));
    assert!(room.as_mut().now_or_never().is_none());
    assert!(pool.has_room(&short.address()));
    pool.finalised(&hashes[..1], &[(sender, rich(1))]);
    assert!(room.as_mut().now_or_never().is_some());
}

#[test]
fn subscribers_hear_of_what_is_taken() {
    let pool = free();
    let mut heard = pool.subscribe().unwrap();
    let hash = add(&pool, Wallet::new(1).transfer(0));
    assert_eq!(heard.try_recv().ok(), Some(hash));
    assert!(heard.try_recv().is_err());
}
