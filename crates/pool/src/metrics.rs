//! What an operator sees of the pool.

use commonware_runtime::{
    Metrics as Registry,
    telemetry::metrics::{EncodeLabelSet, Registered, raw},
};

use crate::{Admitted, Origin, PoolError};

/// Why a transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Reason {
    pub(crate) reason: &'static str,
}

/// Where a transaction came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Source {
    pub(crate) origin: &'static str,
}

impl Counters {
    /// Counts what became of a transaction.
    pub(crate) fn record(&self, origin: Origin, result: &Result<Admitted, PoolError>) {
        match result {
            Ok(_) => {
                let origin = match origin {
                    Origin::Local => "local",
                    Origin::Gossip => "gossip",
                };
                self.admitted.get_or_create(&Source { origin }).inc();
            }
            Err(error) => {
                let reason = error.reason();
                self.rejected.get_or_create(&Reason { reason }).inc();
            }
        }
    }
}

/// The pool's figures. They count whether or not they are registered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) pending: raw::Gauge,
    pub(crate) bytes: raw::Gauge,
    pub(crate) lanes: raw::Gauge,
    pub(crate) ready: raw::Gauge,
    pub(crate) waiting: raw::Gauge,
    pub(crate) admitted: raw::Family<Source, raw::Counter>,
    pub(crate) rejected: raw::Family<Reason, raw::Counter>,
    pub(crate) evicted: raw::Counter,
    pub(crate) unexecutable: raw::Counter,
    pub(crate) batches_out: raw::Counter,
    pub(crate) batches_in: raw::Counter,
    pub(crate) transactions_in: raw::Counter,
    pub(crate) transactions_known: raw::Counter,
    pub(crate) blocked: raw::Counter,
    pub(crate) journal_writes: raw::Counter,
    /// 1 while the journal cannot be written.
    pub(crate) journal_failing: raw::Gauge,
}

/// Keeps the pool's figures in a runtime's registry for as long as it lives.
#[must_use = "dropping it takes the figures out of the registry"]
#[allow(dead_code, reason = "held for its drop")]
#[derive(Debug)]
pub struct Registration {
    gauges: Vec<Registered<raw::Gauge>>,
    counters: Vec<Registered<raw::Counter>>,
    admitted: Registered<raw::Family<Source, raw::Counter>>,
    rejected: Registered<raw::Family<Reason, raw::Counter>>,
}

impl Counters {
    pub(crate) fn register(&self, registry: &impl Registry) -> Registration {
        let gauge = |name: &str, help: &str, metric: &raw::Gauge| {
            registry.register(name, help, metric.clone())
        };
        let counter = |name: &str, help: &str, metric: &raw::Counter| {
            registry.register(name, help, metric.clone())
        };
        Registration {
            gauges: vec![
                gauge("pending", "Transactions that wait", &self.pending),
                gauge(
                    "bytes",
                    "Memory that waiting transactions take",
                    &self.bytes,
                ),
                gauge("lanes", "Senders with waiting transactions", &self.lanes),
                gauge(
                    "ready",
                    "Senders with an executable transaction",
                    &self.ready,
                ),
                gauge(
                    "waiting",
                    "Clients' transactions that wait for room in the pool",
                    &self.waiting,
                ),
                gauge(
                    "journal_failing",
                    "1 while the disk refuses the journal and clients are refused",
                    &self.journal_failing,
                ),
            ],
            counters: vec![
                counter(
                    "evicted",
                    "Transactions that gave way or grew too old",
                    &self.evicted,
                ),
                counter(
                    "unexecutable",
                    "Transactions that builders could not execute",
                    &self.unexecutable,
                ),
                counter(
                    "journal_writes",
                    "Synced writes to the journal",
                    &self.journal_writes,
                ),
                counter(
                    "gossip_batches_out",
                    "Gossip messages sent",
                    &self.batches_out,
                ),
                counter(
                    "gossip_batches_in",
                    "Gossip messages received",
                    &self.batches_in,
                ),
                counter(
                    "gossip_transactions_in",
                    "Transactions in received gossip",
                    &self.transactions_in,
                ),
                counter(
                    "gossip_transactions_known",
                    "Those of them that were known",
                    &self.transactions_known,
                ),
                counter(
                    "gossip_blocked",
                    "Peers blocked for malformed gossip",
                    &self.blocked,
                ),
            ],
            admitted: registry.register(
                "admitted",
                "Transactions taken, by origin",
                self.admitted.clone(),
            ),
            rejected: registry.register(
                "rejected",
                "Transactions refused, by reason",
                self.rejected.clone(),
            ),
        }
    }
}
