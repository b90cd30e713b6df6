//! What holds under any flood.

use std::collections::HashSet;

use alloy_consensus::TxEip1559;
use alloy_primitives::{B256, Bytes, U256};
use commonhold_primitives::Transaction;
use proptest::prelude::*;

use super::{
    invariants::check,
    ledger::{BLOCK_GAS, Ledger, POOL, pool},
    support::{Wallet, transfer},
};
use crate::{AccountView, Origin, Pool};

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
                2_000 + n % 16
            }
            Self::Strangers | Self::StrangeGaps => 10_000 + n,
        };
        let wallet = Wallet::new(seed);
        let nonce = ledger.account(&wallet.address()).nonce;
        let round = match self {
            Self::OneSender => n,
            Self::Replacements | Self::Strangers => 0,
            Self::Gaps => n / 16 + 1,
            Self::StrangeGaps => 1,
            _ => n / 16,
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
        for seed in (1_000..1_001).chain(2_000..2_016).chain(0..10) {
            let view = AccountView { nonce: 0, balance: U256::from(1_000) };
            ledger.0.insert(Wallet::new(seed).address(), view);
        }
        let mut waiting: Vec<(u64, B256)> = Vec::new();
        let (mut n, blocks) = (0, 10);
        for block in 0..blocks {
            let mut honest = |pool: &Pool, ledger: &Ledger| {
                let wallet = Wallet::new(block);
                let tx = wallet.transfer(0);
                waiting.push((block, tx.hash()));
                assert!(pool.has_room(&wallet.address()), "honest senders do not wait");
                pool.admit(tx, ledger.account(&wallet.address()), Origin::Local).unwrap();
            };
            if early { honest(&pool, &ledger); }
            for _ in 0..POOL {
                let flood = floods[usize::try_from(n).unwrap() % floods.len()];
                let (tx, _) = flood.transaction(&ledger, n);
                let account = ledger.account(&tx.sender());
                let origin = if local { Origin::Local } else { Origin::Gossip };
                let _ = pool.admit(tx, account, origin);
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
