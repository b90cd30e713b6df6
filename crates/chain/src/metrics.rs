//! What the chain reports of itself.

use commonware_runtime::{
    Metrics as Registry,
    telemetry::metrics::{Registered, raw},
};

/// Counters and timings of the application.
#[derive(Clone)]
pub struct Metrics {
    /// Height of the last final block.
    pub height: Registered<raw::Gauge>,
    /// Final blocks since the start.
    pub blocks: Registered<raw::Counter>,
    /// Final transactions since the start.
    pub transactions: Registered<raw::Counter>,
    /// Blocks proposed by this member.
    pub proposed: Registered<raw::Counter>,
    /// Candidate blocks refused as invalid.
    pub invalid: Registered<raw::Counter>,
    /// Seconds from a block's time to its finality here.
    pub finality: Registered<raw::Histogram>,
    /// Seconds to execute a block (loading state included).
    pub execution: Registered<raw::Histogram>,
    /// Seconds to update the authenticated state of a block.
    pub merkleization: Registered<raw::Histogram>,
}

/// Upper bounds of the timing buckets, in seconds.
const SECONDS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 5.0,
];

impl Metrics {
    /// Registers under the label of `context`.
    pub fn new(context: &impl Registry) -> Self {
        let timing = || raw::Histogram::new(SECONDS);
        Self {
            height: context.register(
                "height",
                "height of the last final block",
                raw::Gauge::default(),
            ),
            blocks: context.register("blocks", "final blocks", raw::Counter::default()),
            transactions: context.register(
                "transactions",
                "final transactions",
                raw::Counter::default(),
            ),
            proposed: context.register("proposed", "blocks proposed here", raw::Counter::default()),
            invalid: context.register(
                "invalid",
                "candidate blocks refused as invalid",
                raw::Counter::default(),
            ),
            finality: context.register(
                "finality_seconds",
                "from a block's time to its finality here",
                timing(),
            ),
            execution: context.register("execution_seconds", "execution of a block", timing()),
            merkleization: context.register(
                "merkleization_seconds",
                "authenticated update of the state of a block",
                timing(),
            ),
        }
    }
}
