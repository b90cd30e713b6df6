//! What a bundle is made of, and the ledger that tells it: a node while it is gathered, a directory of stamps
//! when it is checked.

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use commonhold_sdk::stamp::{BlockFinding, LogFinding, TransactionFinding};
use commonhold_works_contract::ADDRESS;
use serde::{Deserialize, Serialize};

/// The directory of stamps.
pub(crate) const DIRECTORY: &str = "proof";
/// What is proven, in it.
pub(crate) const ABOUT: &str = "works.json";

/// What is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct About {
    /// 1.
    pub(crate) version: u32,
    /// The network.
    pub(crate) chain: u64,
    /// Which project.
    pub(crate) project: u64,
}

/// A final transaction.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    /// What it did.
    pub(crate) did: TransactionFinding,
    /// Its block.
    pub(crate) block: BlockFinding,
}

/// An event of the law that is looked for: its topics, and words of its data by their places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    topics: Vec<Option<B256>>,
    words: Vec<(usize, B256)>,
}

impl Wanted {
    /// An event of a kind with these topics.
    pub(crate) fn new<E: SolEvent>(topics: &[Option<B256>]) -> Self {
        let first = Some(E::SIGNATURE_HASH);
        Self {
            topics: std::iter::once(first)
                .chain(topics.iter().copied())
                .collect(),
            words: Vec::new(),
        }
    }

    /// An event of a kind about things of these numbers.
    pub(crate) fn of<E: SolEvent>(numbers: &[u64]) -> Self {
        let topics: Vec<_> = numbers
            .iter()
            .map(|number| Some(number_word(*number)))
            .collect();
        Self::new::<E>(&topics)
    }

    /// With a word of its data.
    pub(crate) fn saying(mut self, place: usize, word: B256) -> Self {
        self.words.push((place, word));
        self
    }

    /// What a node is asked for.
    pub(crate) fn topics(&self) -> &[Option<B256>] {
        &self.topics
    }

    /// Whether a log of the law is it.
    pub(crate) fn is(&self, topics: &[B256], data: &[u8]) -> bool {
        let same = |(place, wanted): (usize, &Option<B256>)| {
            wanted.is_none_or(|wanted| topics.get(place) == Some(&wanted))
        };
        let says = |(place, word): &(usize, B256)| {
            let from = place.saturating_mul(32);
            data.get(from..from.saturating_add(32)) == Some(word.as_slice())
        };
        self.topics.iter().enumerate().all(same) && self.words.iter().all(says)
    }

    fn key(&self) -> Key {
        let topic = |place: usize| self.topics.get(place).copied().flatten();
        (topic(0).unwrap_or_default(), topic(1).unwrap_or_default())
    }
}

/// A number as a topic has it.
pub(crate) fn number_word(number: u64) -> B256 {
    B256::from(U256::from(number))
}

/// Who tells what stands on the ledger.
pub(crate) trait Views {
    /// What views of `works` say.
    ///
    /// # Errors
    /// Where it is not told, or not proven.
    fn works<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>>;

    /// What views of `devices` say.
    ///
    /// # Errors
    /// Likewise.
    fn devices<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>>;
}

/// Who tells and proves it, and what was done.
pub(crate) trait Ledger: Views {
    /// The transaction in which something happened.
    ///
    /// # Errors
    /// Where it is not proven.
    fn happened(&mut self, wanted: &Wanted) -> eyre::Result<Happened>;

    /// So many of so many transactions are there.
    fn reached(&mut self, _done: u64, _total: u64) {}
}

impl Happened {
    /// The event that was looked for.
    pub(crate) fn log(&self, wanted: &Wanted) -> Option<&LogFinding> {
        let mut logs = self.did.logs.iter().filter(|log| log.address == ADDRESS);
        logs.find(|log| self.did.success && wanted.is(&log.topics, &log.data))
    }

    /// Events of a kind that the law told in it.
    pub(crate) fn told<E: SolEvent>(&self) -> Vec<E> {
        let logs = self.did.logs.iter().filter(|log| log.address == ADDRESS);
        logs.filter_map(|log| E::decode_raw_log(log.topics.iter().copied(), &log.data).ok())
            .collect()
    }

    /// Its time in seconds since 1970.
    pub(crate) const fn seconds(&self) -> u64 {
        self.block.timestamp_ms.div_euclid(1_000)
    }
}

type Key = (B256, B256);

/// Transactions by what the law told in them.
#[derive(Default)]
pub(crate) struct Transactions {
    all: BTreeMap<B256, (Happened, bool)>,
    by_event: BTreeMap<Key, Vec<B256>>,
}

impl Transactions {
    /// Takes a transaction in.
    pub(crate) fn add(&mut self, happened: Happened) {
        let hash = happened.did.hash;
        for log in happened
            .did
            .logs
            .iter()
            .filter(|log| log.address == ADDRESS)
        {
            let topic = |place: usize| log.topics.get(place).copied().unwrap_or_default();
            let known = self.by_event.entry((topic(0), topic(1))).or_default();
            if !known.contains(&hash) {
                known.push(hash);
            }
        }
        self.all.entry(hash).or_insert((happened, false));
    }

    /// The one in which something happened.
    pub(crate) fn find(&mut self, wanted: &Wanted) -> Option<Happened> {
        for hash in self.by_event.get(&wanted.key())? {
            if let Some((found, used)) = self.all.get_mut(hash)
                && found.log(wanted).is_some()
            {
                *used = true;
                return Some(found.clone());
            }
        }
        None
    }

    /// Those that nobody looked for.
    pub(crate) fn unused(&self) -> impl Iterator<Item = B256> {
        let unused = self.all.iter().filter(|(_, (_, used))| !used);
        unused.map(|(hash, _)| *hash)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The network that they are of.
    pub(crate) fn chain(&self) -> Option<u64> {
        let mut all = self.all.values();
        all.next().map(|(happened, _)| happened.did.chain_id)
    }
}

/// The name of a transaction's stamp.
pub(crate) fn stamp_name(hash: &B256) -> String {
    format!("tx-{hash:x}.json")
}

#[cfg(test)]
mod tests {
    use commonhold_works_contract::interface::IWorks::{FibreJudged, Verdict};

    use super::*;

    #[test]
    fn an_event_is_known_by_its_topics_and_by_words_of_its_data() {
        let fibre = B256::repeat_byte(7);
        let event = FibreJudged {
            order: 3,
            fibre,
            attempt: 1,
            verdict: Verdict::Reject,
            reason: B256::ZERO,
        };
        let log = event.encode_log_data();
        let of = |order, attempt| {
            let topics = [Some(number_word(order)), Some(fibre)];
            Wanted::new::<FibreJudged>(&topics).saying(0, number_word(attempt))
        };
        let is = |wanted: Wanted| wanted.is(log.topics(), &log.data);
        assert!(is(of(3, 1)));
        assert!(!is(of(4, 1)), "of another order");
        assert!(!is(of(3, 2)), "of another try");
        assert!(is(of(3, 1).saying(1, number_word(Verdict::Reject as u64))));
        assert!(!is(of(3, 1).saying(1, number_word(Verdict::Accept as u64))));
        // A word that the data does not have is none.
        assert!(!is(of(3, 1).saying(9, B256::ZERO)));
    }
}
