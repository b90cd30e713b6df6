//! Puts load on a network and sees when what was sent is final.
//!
//! An open loop: each transaction is due at its time whatever became of those before it, and its
//! latency counts from when it was due. So a slow node cannot slow the load down and hide its delay.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use commonhold_sdk::Client;
use eyre::{ensure, eyre};
use serde_json::{Value, json};

use crate::{rpc::Rpc, wallet::Signed};

/// Transactions in one request at most.
const BATCH: usize = 100;
/// Digits of transactions in one request after which no more is added: a node takes a megabyte.
const BATCH_DIGITS: usize = 512 * 1024;
/// How often the newest block is asked for.
const POLL: Duration = Duration::from_millis(2);
/// The run ends when nothing became final for this long after everything was sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that send.
const CONNECTIONS: usize = 4;

/// When transactions are due.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// So many per second.
    Rate(f64),
    /// All of them at once.
    Full,
}

impl Pace {
    fn due(self, index: usize) -> Duration {
        match self {
            Self::Rate(rate) => Duration::from_secs_f64(index as f64 / rate),
            Self::Full => Duration::ZERO,
        }
    }
}

/// What became of a load.
pub(crate) struct Outcome {
    pub(crate) finalised: usize,
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) blocks: usize,
    /// From the first transaction's time to the last one's finality.
    pub(crate) seconds: f64,
    /// Milliseconds from due to final, ascending.
    pub(crate) latencies: Vec<f64>,
}

impl Outcome {
    pub(crate) fn rate(&self) -> f64 {
        self.finalised as f64 / self.seconds
    }
    pub(crate) fn refusals(&self) -> usize {
        self.refused.values().sum()
    }
}

/// The value below which `part` of the ascending `values` lie.
pub(crate) fn quantile(values: &[f64], part: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    let mut rank = 0;
    while rank < last && ((rank + 1) as f64) < part * values.len() as f64 {
        rank += 1;
    }
    values.get(rank).copied().unwrap_or(f64::NAN)
}

/// Sends `transactions` to the members in turn and waits until they are final.
pub(crate) fn run(
    urls: &[String],
    transactions: &[(usize, Signed)],
    pace: Pace,
) -> eyre::Result<Outcome> {
    let watcher = Rpc::new(urls.first().ok_or_else(|| eyre!("no member"))?);
    let mut due: HashMap<&str, Duration> = transactions
        .iter()
        .enumerate()
        .map(|(i, (_, signed))| (signed.hash.as_str(), pace.due(i)))
        .collect();
    let mut next = watcher.number("eth_blockNumber", json!([]))? + 1;
    let refusals = AtomicUsize::new(0);
    let sent = AtomicBool::new(false);
    let start = Instant::now();
    thread::scope(|scope| {
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|connection| {
                let url = urls
                    .get(connection % urls.len())
                    .cloned()
                    .unwrap_or_default();
                let refusals = &refusals;
                scope.spawn(move || send(&url, connection, transactions, pace, start, refusals))
            })
            .collect();
        let watch = scope.spawn(|| {
            let mut outcome = Outcome {
                finalised: 0,
                refused: BTreeMap::new(),
                blocks: 0,
                seconds: 0.0,
                latencies: Vec::new(),
            };
            let mut last = Instant::now();
            while due.len() > refusals.load(Ordering::Relaxed)
                && !(sent.load(Ordering::Relaxed) && last.elapsed() > PATIENCE)
            {
                let Some(hashes) = watcher.block(next)? else {
                    thread::sleep(POLL);
                    continue;
                };
                next += 1;
                let now = start.elapsed();
                let ours = hashes.iter().filter_map(|hash| due.remove(hash.as_str()));
                let before = outcome.latencies.len();
                outcome
                    .latencies
                    .extend(ours.map(|due| now.saturating_sub(due).as_secs_f64() * 1e3));
                if outcome.latencies.len() > before {
                    last = Instant::now();
                    outcome.blocks += 1;
                    outcome.seconds = now.as_secs_f64();
                }
            }
            outcome.finalised = outcome.latencies.len();
            outcome.latencies.sort_by(f64::total_cmp);
            Ok::<_, eyre::Report>(outcome)
        });
        let mut refused = BTreeMap::new();
        for sender in senders {
            let texts = sender.join().map_err(|_| eyre!("a sender failed"))??;
            for text in texts {
                *refused.entry(text).or_insert(0) += 1;
            }
        }
        sent.store(true, Ordering::Relaxed);
        let mut outcome = watch.join().map_err(|_| eyre!("the watcher failed"))??;
        outcome.refused = refused;
        Ok(outcome)
    })
}

/// Sends everything at once, senders by turns; all of it must become final.
pub(crate) fn all(urls: &[String], queues: &[Vec<Signed>]) -> eyre::Result<Outcome> {
    let longest = queues.iter().map(Vec::len).max().unwrap_or_default();
    let mut all = Vec::new();
    for turn in 0..longest {
        for (sender, queue) in queues.iter().enumerate() {
            all.extend(queue.get(turn).map(|signed| (sender, signed.clone())));
        }
    }
    let outcome = run(urls, &all, Pace::Full)?;
    let (done, count) = (outcome.finalised, all.len());
    let refused = &outcome.refused;
    ensure!(done == count, "{done} of {count} became final: {refused:?}");
    Ok(outcome)
}

/// What reverted would be no load.
pub(crate) fn taken(client: &Client, hash: &str) -> eyre::Result<()> {
    let receipt: Value = client.request("eth_getTransactionReceipt", (hash,))?;
    if receipt.get("status") == Some(&json!("0x1")) {
        return Ok(());
    }
    let tracer = json!({ "tracer": "callTracer" });
    let trace: Value = client.request("debug_traceTransaction", (hash, tracer))?;
    let why = trace.get("revertReason").or_else(|| trace.get("error"));
    Err(eyre!("a transaction failed: {why:?}, {receipt}"))
}

/// Sends one connection's part in order; the texts of refusals, without what is particular in them.
fn send(
    url: &str,
    connection: usize,
    transactions: &[(usize, Signed)],
    pace: Pace,
    start: Instant,
    refusals: &AtomicUsize,
) -> eyre::Result<Vec<String>> {
    let rpc = Rpc::new(url);
    let mut own = transactions
        .iter()
        .enumerate()
        .filter(|(_, (sender, _))| sender % CONNECTIONS == connection)
        .map(|(i, (_, signed))| (pace.due(i), signed.raw.as_str()))
        .peekable();
    let mut refused = Vec::new();
    while let Some((due, _)) = own.peek() {
        if let Some(early) = due.checked_sub(start.elapsed()) {
            thread::sleep(early);
        }
        let now = start.elapsed();
        let (mut batch, mut digits) = (Vec::new(), 0);
        while batch.len() < BATCH && digits < BATCH_DIGITS {
            match own.next_if(|(due, _)| *due <= now) {
                Some((_, raw)) => {
                    digits += raw.len();
                    batch.push(raw);
                }
                None => break,
            }
        }
        let texts = rpc.send(&batch)?;
        refusals.fetch_add(texts.len(), Ordering::Relaxed);
        refused.extend(texts.into_iter().map(|text| {
            text.chars()
                .map(|c| if c.is_ascii_digit() { '#' } else { c })
                .take(80)
                .collect()
        }));
    }
    Ok(refused)
}
