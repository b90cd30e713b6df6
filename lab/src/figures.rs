//! How fast a run was, in simulated time: what the protocol and the distances cost. What members compute costs no
//! simulated time, so these figures say nothing of processors.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};

use crate::world::State;

/// Of one run.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Milliseconds from when a client sent a transaction until the member that it was sent to was told that it
    /// is final; of each that became final there, in order.
    pub finality_ms: Vec<u64>,
    /// Milliseconds from the first transaction that was sent to the last that became final.
    pub span_ms: u64,
    /// Final blocks within that span.
    pub blocks: u64,
    /// Final blocks of the run.
    pub height: u64,
    /// Bytes that all members sent each other, before encryption, each once for every member that it went to.
    pub bytes: u64,
    /// Members.
    pub members: u64,
}

impl Figures {
    /// What was watched.
    pub fn of(world: &State) -> Self {
        let longest = world.histories.iter().max_by_key(|h| h.len());
        let mut heights: BTreeMap<B256, u64> = BTreeMap::new();
        for (number, told) in longest.into_iter().flatten() {
            let raws = told.block.transactions().iter();
            heights.extend(raws.map(|raw| (keccak256(raw), *number)));
        }
        let mut figures = Self {
            height: longest
                .and_then(|h| h.keys().next_back())
                .copied()
                .unwrap_or(0),
            bytes: world.bytes_sent.iter().sum(),
            members: u64::try_from(world.histories.len()).unwrap_or_default(),
            ..Self::default()
        };
        let (mut first, mut last) = (u64::MAX, 0);
        let mut within = (u64::MAX, 0);
        for (hash, submission) in &world.load.submissions {
            let (Some((member, sent)), Some(height)) = (submission.sent, heights.get(hash)) else {
                continue;
            };
            let Some(told) = world.told_at[member].get(height) else {
                continue;
            };
            figures.finality_ms.push(told.saturating_sub(sent));
            first = first.min(sent);
            last = last.max(*told);
            within = (within.0.min(*height), within.1.max(*height));
        }
        figures.finality_ms.sort_unstable();
        figures.span_ms = last.saturating_sub(first);
        figures.blocks = (within.1 + 1).saturating_sub(within.0);
        figures
    }

    /// The time to finality that so many percent of the transactions did not exceed, in milliseconds.
    pub fn percentile(&self, percent: usize) -> u64 {
        let count = self.finality_ms.len();
        let at = (count * percent).div_ceil(100).saturating_sub(1);
        self.finality_ms.get(at).copied().unwrap_or(0)
    }

    /// Final transactions in a thousand seconds.
    pub fn transactions_per_1000_s(&self) -> u64 {
        per_1000_s(self.finality_ms.len() as u64, self.span_ms)
    }

    /// Final blocks in a thousand seconds.
    pub fn blocks_per_1000_s(&self) -> u64 {
        per_1000_s(self.blocks, self.span_ms)
    }

    /// Bytes that a member sent for each block, on average.
    pub fn bytes_per_block(&self) -> u64 {
        self.bytes / (self.members * self.height).max(1)
    }
}

const fn per_1000_s(count: u64, span_ms: u64) -> u64 {
    match (count * 1_000_000).checked_div(span_ms) {
        Some(rate) => rate,
        None => 0,
    }
}
