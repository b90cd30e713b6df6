//! Waiting for room.

use alloy_consensus::TxEip1559;
use alloy_primitives::B256;
use futures::FutureExt as _;

use super::support::{Wallet, add, enter, rich, small, transfer, wait};
use crate::{
    AccountView, NotKept, Origin, Pool, PoolError,
    entrance::{Entry, Place},
};

/// What a client in the line has been told.
fn told(place: &mut Place) -> Option<Result<B256, PoolError>> {
    let answer = place.turn().now_or_never()?;
    Some(answer.map(|admitted| admitted.hash))
}

/// A pool of 64 places for 32 senders, who are there, and a line of 8.
fn full() -> Pool {
    let pool = small(64);
    for seed in 0..32 {
        add(&pool, Wallet::new(seed).transfer(0));
    }
    pool
}

/// A block that contains the transaction of each of these.
fn block(pool: &Pool, seeds: impl IntoIterator<Item = u64>) {
    let wallets: Vec<Wallet> = seeds.into_iter().map(Wallet::new).collect();
    let hashes: Vec<B256> = wallets.iter().map(|w| w.transfer(0).hash()).collect();
    let accounts: Vec<_> = wallets.iter().map(|w| (w.address(), rich(1))).collect();
    pool.finalised(&hashes, &accounts);
}

#[test]
fn long_lanes_wait_for_room_and_short_ones_do_not() {
    let pool = small(64);
    let (long, short) = (Wallet::new(1), Wallet::new(2));
    let hashes: Vec<B256> = (0..48)
        .map(|nonce| add(&pool, long.transfer(nonce)))
        .collect();
    let mut place = wait(&pool, long.transfer(48));
    assert_eq!(told(&mut place), None);
    let entry = enter(&pool, short.transfer(0), rich(0)).unwrap();
    assert!(matches!(entry, Entry::Taken(_)));
    pool.finalised(&hashes[..2], &[(long.address(), rich(2))]);
    assert_eq!(told(&mut place), Some(Ok(long.transfer(48).hash())));
}

#[test]
fn who_came_first_gets_the_room_and_gossip_what_is_left() {
    let pool = full();
    let mut places: Vec<Place> = (100..108)
        .map(|seed| wait(&pool, Wallet::new(seed).transfer(0)))
        .collect();
    let gossip = || pool.admit(Wallet::new(200).transfer(0), rich(0), Origin::Gossip);
    assert_eq!(gossip(), Err(PoolError::PoolFull));
    // The line is full, and among equals nobody gives way.
    let late = enter(&pool, Wallet::new(108).transfer(0), rich(0));
    assert_eq!(late.unwrap_err(), PoolError::PoolFull);

    block(&pool, 0..2);
    for (n, seed) in (100..108).enumerate() {
        let taken = (n < 2).then(|| Ok(Wallet::new(seed).transfer(0).hash()));
        assert_eq!(told(&mut places[n]), taken);
    }
    assert_eq!(gossip(), Err(PoolError::PoolFull));

    // Whoever goes away leaves the line.
    let mut left = places.split_off(3);
    drop(places);
    block(&pool, 2..3);
    assert!(matches!(told(&mut left[0]), Some(Ok(_))));
    block(&pool, 3..8);
    assert!(left[1..].iter_mut().all(|place| told(place).is_some()));
    gossip().unwrap();
}

#[test]
fn a_place_that_is_given_up_in_time_tells_whether_it_was_too_late() {
    let pool = full();
    let [early, late] = [100, 101].map(|seed| wait(&pool, Wallet::new(seed).transfer(0)));
    assert_eq!(early.leave(), None);
    block(&pool, 0..1);
    let answer = late.leave().unwrap().unwrap();
    assert_eq!(answer.hash, Wallet::new(101).transfer(0).hash());
    assert_eq!(pool.counters().waiting.get(), 0);
}

#[test]
fn in_a_full_line_the_greatest_gives_way_and_strangers_before_all() {
    let pool = full();
    let greedy = Wallet::new(0);
    let mut places: Vec<Place> = (1..=30)
        .map_while(
            |nonce| match enter(&pool, greedy.transfer(nonce), rich(0)) {
                Ok(Entry::Waits(place)) => Some(Some(place)),
                Ok(Entry::Taken(_)) => Some(None),
                Err(_) => None,
            },
        )
        .flatten()
        .collect();
    assert_eq!(
        places.len(),
        8,
        "its lane is long enough, and the line is full"
    );
    let mut newcomer = wait(&pool, Wallet::new(100).transfer(0));
    let last = told(places.last_mut().unwrap());
    assert_eq!(last, Some(Err(PoolError::PoolFull)));
    assert_eq!(told(&mut newcomer), None);

    let pool = full();
    let mut strangers: Vec<Place> = (100..108)
        .map(|seed| {
            let tx = Wallet::new(seed).transfer(0);
            match enter(&pool, tx, AccountView::default()) {
                Ok(Entry::Waits(place)) => place,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    let _known = wait(&pool, Wallet::new(200).transfer(0));
    let told: Vec<_> = strangers.iter_mut().filter_map(told).collect();
    assert_eq!(told, [Err(PoolError::PoolFull)]);
}

#[test]
fn what_could_not_be_taken_with_all_the_room_does_not_wait() {
    let pool = full();
    let refused = |tx: TxEip1559| {
        let tx = Wallet::new(100).sign(tx);
        enter(&pool, tx, rich(5)).unwrap_err().to_string()
    };
    assert!(refused(transfer(4)).starts_with("nonce too low"));
    let expensive = TxEip1559 {
        value: rich(0).balance + alloy_primitives::U256::ONE,
        ..transfer(5)
    };
    assert!(refused(expensive).starts_with("insufficient funds"));
    let heavy = TxEip1559 {
        gas_limit: u64::MAX,
        ..transfer(5)
    };
    assert!(refused(heavy).starts_with("exceeds block gas limit"));
}

#[test]
fn who_waits_is_told_when_the_disk_refuses() {
    let pool = full();
    pool.attach_journal();
    let mut place = wait(&pool, Wallet::new(100).transfer(0));
    pool.refuse_clients();
    assert_eq!(told(&mut place), Some(Err(NotKept.into())));
    let refused = enter(&pool, Wallet::new(101).transfer(0), rich(0));
    assert_eq!(refused.unwrap_err(), NotKept.into());
    pool.welcome_clients();
    let _place = wait(&pool, Wallet::new(101).transfer(0));
}
