//! What is taken, and in which words the rest is refused.

use alloy_consensus::TxEip1559;
use alloy_primitives::{Bytes, TxKind, U256};

use super::support::{CHAIN, GAS, Wallet, add, all, free, rich, transfer};
use crate::{AccountView, Origin, Pool, PoolConfig, PoolError, limits};

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
fn subscribers_hear_of_what_is_taken() {
    let pool = free();
    let mut heard = pool.subscribe().unwrap();
    let hash = add(&pool, Wallet::new(1).transfer(0));
    assert_eq!(heard.try_recv().ok(), Some(hash));
    assert!(heard.try_recv().is_err());
}

#[test]
fn follows_the_gas_that_members_decide_on() {
    let pool = Pool::new(PoolConfig::new(CHAIN, 0, 1_000_000));
    let large = || TxEip1559 {
        gas_limit: 1_000_001,
        ..transfer(5)
    };
    assert!(refusal(&pool, large()).contains("exceeds block gas limit"));
    pool.follow(1_000_001);
    let taken = pool.admit(Wallet::new(1).sign(large()), rich(5), Origin::Local);
    assert!(taken.is_ok(), "{taken:?}");
}
