//! What holds at any time.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, U256};

use super::ledger::{BYTES, Ledger, POOL};
use crate::{
    AccountView, Pool,
    lane::{Class, Lane},
    limits,
};

/// Everything inside agrees with everything else.
pub(crate) fn check(pool: &Pool) {
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
    assert!(core.by_hash.len() <= POOL && core.memory <= BYTES);
    assert!(
        core.stranger_count <= POOL / limits::STRANGER_PART || core.config.transactions_max < POOL
    );
}

/// A selection is one that a block can hold and a ledger execute.
pub(crate) fn check_selection(
    pool: &Pool,
    ledger: &Ledger,
    skip: &HashSet<B256>,
    gas: u64,
    count: usize,
) {
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
