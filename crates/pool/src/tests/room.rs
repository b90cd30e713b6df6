//! Who gets room, who gives way, and who waits.

use futures::FutureExt as _;

use super::support::{Wallet, add, all, enter, free, rich, small, wait};
use crate::{AccountView, Origin, PoolError, entrance::Entry};

#[test]
fn the_longest_lane_gives_way_but_never_to_a_longer_one_and_what_is_acknowledged_never() {
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
    // A client waits for the next block instead.
    let mut place = wait(&pool, other.transfer(0));
    let hash = flooder.transfer(0).hash();
    pool.finalised(&[hash], &[(flooder.address(), rich(1))]);
    let admitted = place.turn().now_or_never().unwrap().unwrap();
    assert!(admitted.evicted.is_empty());
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
fn a_full_lane_still_takes_what_comes_before_its_end() {
    let (pool, wallet) = (free(), Wallet::new(1));
    for nonce in 1..=1_024 {
        add(&pool, wallet.transfer(nonce));
    }
    assert_eq!(
        pool.admit(wallet.transfer(1_025), rich(0), Origin::Local),
        Err(PoolError::LaneFull)
    );
    let _place = wait(&pool, wallet.transfer(1_025));
    // The lane needs this one before all else.
    match enter(&pool, wallet.transfer(0), rich(0)).unwrap() {
        Entry::Taken(done) => assert_eq!(done.evicted, [wallet.transfer(1_024).hash()]),
        other => panic!("{other:?}"),
    }
}
