//! What leaves the pool.

use alloy_primitives::B256;

use super::support::{Wallet, add, all, free, rich};
use crate::{Origin, PoolError, limits};

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
