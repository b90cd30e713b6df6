//! What holds after any sequence of messages, and under any flood.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use alloy_consensus::{Transaction as _, TxEip1559};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use commonhold_primitives::Transaction;
use proptest::prelude::*;

use crate::{
    AccountView, Origin, Pool, PoolConfig,
    lane::{Class, Lane},
    limits,
    testing::{CHAIN, Wallet, transfer},
};

/// A block takes so many plain transfers.
const BLOCK: u64 = 16;
const BLOCK_GAS: u64 = BLOCK * 21_000;
const POOL: usize = 64;

fn pool() -> Pool {
    let config = PoolConfig::new(CHAIN, 0, BLOCK_GAS);
    Pool::new(PoolConfig {
        transactions_max: POOL,
        bytes_max: 512 * 1024,
        ..config
    })
}

/// The ledger that a pool serves: it executes value transfers.
#[derive(Default)]
struct Ledger(HashMap<Address, AccountView>);

impl Ledger {
    fn account(&self, address: &Address) -> AccountView {
        self.0.get(address).copied().unwrap_or_default()
    }

    /// Builds a block as a proposer does, executes it, and tells the pool. Gives what it holds.
    fn block(&mut self, pool: &Pool) -> Vec<B256> {
        let chosen = pool.select(BLOCK_GAS, 64 * 1024, 100, &HashSet::new());
        let (mut included, mut unexecutable, mut changed) =
            (Vec::new(), Vec::new(), BTreeSet::new());
        for tx in &chosen {
            let (sender, value) = (tx.sender(), tx.envelope().value());
            let mut account = self.account(&sender);
            if account.nonce != tx.nonce() || account.balance < value {
                unexecutable.push(tx.hash());
                continue;
            }
            account.nonce += 1;
            account.balance -= value;
            self.0.insert(sender, account);
            let to = tx.envelope().to().unwrap_or_default();
            let mut receiver = self.account(&to);
            receiver.balance += value;
            self.0.insert(to, receiver);
            changed.extend([sender, to]);
            included.push(tx.hash());
        }
        pool.reject(&unexecutable);
        let accounts: Vec<_> = changed.into_iter().map(|a| (a, self.account(&a))).collect();
        pool.finalised(&included, &accounts);
        included
    }
}

/// Everything inside agrees with everything else.
fn check(pool: &Pool) {
    let core = pool.0.core.lock();
    let mut counted = (0, 0, 0, 0);
    let (mut ready, mut strangers, mut bulks) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (sender, lane) in &core.lanes {
        let Lane {
            entries, memory, ..
        } = lane;
        assert!(!entries.is_empty() && entries.len() <= limits::LANE_TRANSACTIONS_MAX);
        assert_eq!(
            *memory,
            entries.values().map(|entry| entry.memory()).sum::<usize>()
        );
        assert!(
            entries
                .iter()
                .all(|(nonce, entry)| entry.tx.nonce() == *nonce && entry.tx.sender() == *sender)
        );
        assert!(*entries.first_key_value().unwrap().0 >= lane.account.nonce);
        counted.0 += entries.len();
        counted.1 += memory;
        counted.2 += if lane.class() == Class::Stranger {
            entries.len()
        } else {
            0
        };
        counted.3 += entries.values().filter(|entry| entry.local).count();
        assert_eq!(
            (lane.ticket, lane.bulk),
            (lane.next_ticket(*sender), lane.next_bulk(*sender))
        );
        bulks.extend(lane.bulk);
        match lane.class() {
            Class::Known => ready.extend(lane.ticket),
            Class::Stranger => strangers.extend(lane.ticket),
        }
    }
    assert_eq!(
        counted,
        (
            core.by_hash.len(),
            core.memory,
            core.stranger_count,
            core.announced.len()
        )
    );
    assert_eq!(
        (&core.queues.known, &core.queues.stranger),
        (&ready, &strangers)
    );
    core.check_orders(&bulks);
    assert!(core.by_hash.len() <= POOL && core.memory <= 512 * 1024);
    assert!(
        core.stranger_count <= POOL / limits::STRANGER_PART || core.config.transactions_max < POOL
    );
}

/// A selection is one that a block can hold and a ledger execute.
fn check_selection(pool: &Pool, ledger: &Ledger, skip: &HashSet<B256>, gas: u64, count: usize) {
    let chosen = pool.select(gas, 64 * 1024, count, skip);
    assert!(chosen.len() <= count);
    assert!(
        chosen
            .iter()
            .map(|tx| tx.envelope().gas_limit())
            .sum::<u64>()
            <= gas
    );
    assert!(chosen.iter().map(|tx| tx.raw().len()).sum::<usize>() <= 64 * 1024);
    assert!(chosen.iter().all(|tx| !skip.contains(&tx.hash())));
    let mut next: BTreeMap<Address, (u64, U256)> = BTreeMap::new();
    for tx in &chosen {
        let account = ledger.account(&tx.sender());
        let (nonce, spent) = next
            .entry(tx.sender())
            .or_insert((account.nonce, U256::ZERO));
        let content = pool.content_from(&tx.sender());
        while content
            .pending
            .get(nonce)
            .is_some_and(|tx| skip.contains(&tx.hash()))
        {
            *spent += content.pending[nonce].envelope().value();
            *nonce += 1;
        }
        assert_eq!(tx.nonce(), *nonce, "a gap, or out of order");
        *nonce += 1;
        *spent += tx.envelope().value();
        assert!(*spent <= account.balance, "unpayable");
    }
    let (strangers, known): (Vec<_>, Vec<_>) = chosen
        .iter()
        .partition(|tx| ledger.account(&tx.sender()) == AccountView::default());
    let share = usize::try_from(limits::STRANGER_SHARE_PERCENT).unwrap();
    assert!(
        strangers.len() <= (count * share).div_ceil(100) + 1,
        "{} and {}",
        strangers.len(),
        known.len()
    );
}

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
    prop_oneof![16 => admit, 3 => select, 1 => (0..5usize).prop_map(Op::Reject), 2 => Just(Op::Block)]
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
                    let origin = if local { Origin::Local } else { Origin::Gossip };
                    let held: HashSet<B256> = local_hashes(&pool);
                    let result = pool.admit(tx, account, origin);
                    if let Ok(done) = result && !local {
                        prop_assert!(done.evicted.iter().all(|hash| !held.contains(hash)));
                    }
                }
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
