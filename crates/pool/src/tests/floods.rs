//! What holds under any flood.

use std::collections::HashSet;

use alloy_consensus::TxEip1559;
use alloy_primitives::{B256, Bytes, U256};
use commonhold_primitives::Transaction;
use proptest::prelude::*;

use super::{
    invariants::check,
    ledger::{BLOCK_GAS, Ledger, POOL, pool},
    support::{Wallet, enter, rich, transfer},
};
use crate::{AccountView, Origin, Pool, PoolError, entrance::Entry, limits};

/// Senders with an account that a flood comes from. With [`Flood::OneSender`]'s and the newcomers of
/// earlier blocks they are fewer than the line has places: in a crowd of equals, who came first stays.
const FLOODERS: u64 = POOL as u64 / limits::LINE_PART as u64 / 2;

#[derive(Clone, Copy, Debug)]
enum Flood {
    OneSender,
    ManySenders,
    Strangers,
    Gaps,
    Replacements,
    HeavyGas,
    LongInput,
    Unpayable,
    StrangeGaps,
}

impl Flood {
    /// The flood's `n`th transaction, and its sender's account on the ledger at the beginning.
    fn transaction(self, ledger: &Ledger, n: u64) -> (Transaction, bool) {
        let seed = match self {
            Self::OneSender | Self::Replacements => 1_000,
            Self::ManySenders | Self::HeavyGas | Self::LongInput | Self::Gaps | Self::Unpayable => {
                2_000 + n % FLOODERS
            }
            Self::Strangers | Self::StrangeGaps => 10_000 + n,
        };
        let wallet = Wallet::new(seed);
        let nonce = ledger.account(&wallet.address()).nonce;
        let round = match self {
            Self::OneSender => n,
            Self::Replacements | Self::Strangers => 0,
            Self::Gaps => n / FLOODERS + 1,
            Self::StrangeGaps => 1,
            _ => n / FLOODERS,
        };
        let tx = transfer(nonce + round);
        let tx = match self {
            Self::Replacements => TxEip1559 {
                max_fee_per_gas: 1 << (n % 100),
                max_priority_fee_per_gas: 1 << (n % 100),
                ..tx
            },
            Self::HeavyGas => TxEip1559 {
                gas_limit: BLOCK_GAS / 2,
                ..tx
            },
            Self::LongInput => TxEip1559 {
                gas_limit: BLOCK_GAS,
                input: Bytes::from(vec![0; 20_000]),
                ..tx
            },
            Self::Unpayable => TxEip1559 {
                value: U256::from(1_000),
                ..tx
            },
            _ => tx,
        };
        (wallet.sign(tx), matches!(self, Self::Strangers))
    }
}

fn flood() -> impl Strategy<Value = Flood> {
    use Flood::*;
    proptest::sample::select(vec![
        OneSender,
        ManySenders,
        Strangers,
        Gaps,
        Replacements,
        HeavyGas,
        LongInput,
        Unpayable,
        StrangeGaps,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Ten times the pool's capacity in floods, and in every block's time one honest newcomer.
    #[test]
    fn honest_senders_get_in_within_three_blocks(
        floods in proptest::collection::vec(flood(), 1..4),
        local in any::<bool>(),
        early in any::<bool>(),
    ) {
        let (pool, mut ledger) = (pool(), Ledger::default());
        for seed in (1_000..1_001).chain(2_000..2_000 + FLOODERS).chain(0..10) {
            let view = AccountView { nonce: 0, balance: U256::from(1_000) };
            ledger.0.insert(Wallet::new(seed).address(), view);
        }
        let mut waiting: Vec<(u64, B256)> = Vec::new();
        let (mut n, blocks) = (0, 10);
        let (mut places, mut flooding) = (Vec::new(), Vec::new());
        for block in 0..blocks {
            let mut honest = |pool: &Pool, ledger: &Ledger| {
                let wallet = Wallet::new(block);
                let tx = wallet.transfer(0);
                waiting.push((block, tx.hash()));
                let entry = enter(pool, tx, ledger.account(&wallet.address())).unwrap();
                if let Entry::Waits(place) = entry {
                    assert!(local, "only this node's own clients make each other wait");
                    places.push(place);
                }
            };
            if early { honest(&pool, &ledger); }
            for _ in 0..POOL {
                let flood = floods[usize::try_from(n).unwrap() % floods.len()];
                let (tx, _) = flood.transaction(&ledger, n);
                let account = ledger.account(&tx.sender());
                if !local {
                    let _ = pool.admit(tx, account, Origin::Gossip);
                } else if let Ok(Entry::Waits(place)) = enter(&pool, tx, account) {
                    flooding.push(place);
                }
                n += 1;
            }
            if !early { honest(&pool, &ledger); }
            check(&pool);
            let included: HashSet<B256> = ledger.block(&pool).into_iter().collect();
            waiting.retain(|(_, hash)| !included.contains(hash));
            for (since, _) in &waiting {
                prop_assert!(block - since < 2, "{floods:?}: one of block {since} still waits after block {block}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// Up to ten times the pool's capacity in every block's time, each transaction from another sender
    /// that has money: nobody is more honest than the others. Who is let in, or has a place in the line,
    /// is in a block within three, in the order in which they came; the others are told at once.
    #[test]
    fn in_a_crowd_of_equals_whoever_has_a_place_is_in_within_three_blocks(
        times in 1..=10usize,
        gossip in 0..=4u64,
    ) {
        let (pool, mut ledger) = (pool(), Ledger::default());
        let (mut seed, mut places, mut refused) = (0, Vec::new(), 0);
        let mut waiting: Vec<(u64, B256)> = Vec::new();
        for block in 0..6u64 {
            for _ in 0..times * POOL {
                seed += 1;
                let wallet = Wallet::new(seed);
                ledger.0.insert(wallet.address(), rich(0));
                let tx = wallet.transfer(0);
                if seed % 5 < gossip {
                    let _ = pool.admit(tx, rich(0), Origin::Gossip);
                    continue;
                }
                let hash = tx.hash();
                match enter(&pool, tx, rich(0)) {
                    Ok(Entry::Taken(_)) => {}
                    Ok(Entry::Waits(place)) => places.push(place),
                    Err(error) => {
                        prop_assert_eq!(error, PoolError::PoolFull);
                        refused += 1;
                        continue;
                    }
                }
                waiting.push((block, hash));
            }
            check(&pool);
            let included: HashSet<B256> = ledger.block(&pool).into_iter().collect();
            let first_left = waiting.iter().position(|(_, hash)| !included.contains(hash));
            if let Some(first) = first_left {
                let overtaken = waiting[first..].iter().any(|(_, hash)| included.contains(hash));
                prop_assert!(!overtaken, "somebody was served before who came earlier");
            }
            waiting.retain(|(_, hash)| !included.contains(hash));
            for (since, _) in &waiting {
                prop_assert!(block - since < 2, "one of block {since} still waits after block {block}");
            }
        }
        prop_assert!(times == 1 || refused > 0, "the crowd is greater than what there is room for");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, failure_persistence: None, ..ProptestConfig::default() })]

    /// However many senders other members let in, a client of this one has a place at once.
    #[test]
    fn a_crowd_at_other_members_does_not_keep_this_ones_clients_out(early in any::<bool>()) {
        let (pool, mut ledger) = (pool(), Ledger::default());
        let (mut seed, mut places) = (1_000, Vec::new());
        let mut waiting: Vec<(u64, B256)> = Vec::new();
        for block in 0..5u64 {
            let mut client = |ledger: &mut Ledger| {
                let wallet = Wallet::new(block);
                ledger.0.insert(wallet.address(), rich(0));
                let tx = wallet.transfer(0);
                waiting.push((block, tx.hash()));
                if let Entry::Waits(place) = enter(&pool, tx, rich(0)).unwrap() {
                    places.push(place);
                }
            };
            if early { client(&mut ledger); }
            for _ in 0..10 * POOL {
                seed += 1;
                let wallet = Wallet::new(seed);
                ledger.0.insert(wallet.address(), rich(0));
                let _ = pool.admit(wallet.transfer(0), rich(0), Origin::Gossip);
            }
            if !early { client(&mut ledger); }
            let included: HashSet<B256> = ledger.block(&pool).into_iter().collect();
            waiting.retain(|(_, hash)| !included.contains(hash));
            for (since, _) in &waiting {
                prop_assert!(block - since < 2, "one of block {since} still waits after block {block}");
            }
        }
    }
}
