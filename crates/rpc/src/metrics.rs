//! What an operator sees of the RPC.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Bounds of the latency histogram, in seconds.
const LATENCY: [f64; 10] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Method {
    method: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    reason: &'static str,
}

/// The RPC's figures.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<Method, Counter>,
    errors: Family<Method, Counter>,
    seconds: Family<Method, Histogram>,
    refused: Family<Why, Counter>,
    pub(crate) connections: Gauge,
    pub(crate) websockets: Gauge,
    pub(crate) subscriptions: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("rpc");
        let calls = Family::<Method, Counter>::default();
        let errors = Family::<Method, Counter>::default();
        let seconds = Family::<Method, Histogram>::new_with_constructor(|| Histogram::new(LATENCY));
        let refused = Family::<Why, Counter>::default();
        let (connections, websockets, subscriptions) =
            (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("calls", "JSON-RPC calls by method", calls.clone());
        registry.register(
            "errors",
            "JSON-RPC calls that failed, by method",
            errors.clone(),
        );
        registry.register(
            "seconds",
            "Time taken by JSON-RPC calls, by method",
            seconds.clone(),
        );
        registry.register(
            "refused",
            "Connections and requests refused, by reason",
            refused.clone(),
        );
        registry.register("connections", "Connections open", connections.clone());
        registry.register(
            "websockets",
            "WebSocket connections open",
            websockets.clone(),
        );
        registry.register("subscriptions", "Subscriptions open", subscriptions.clone());
        Self {
            registry,
            calls,
            errors,
            seconds,
            refused,
            connections,
            websockets,
            subscriptions,
        }
    }

    /// Counts a call. `method` is one that exists, so that clients cannot make up labels.
    pub(crate) fn call(&self, method: &str, took: Duration, ok: bool) {
        let label = Method {
            method: method.to_owned(),
        };
        self.calls.get_or_create(&label).inc();
        if !ok {
            self.errors.get_or_create(&label).inc();
        }
        self.seconds
            .get_or_create(&label)
            .observe(took.as_secs_f64());
    }

    pub(crate) fn refuse(&self, reason: &'static str) {
        self.refused.get_or_create(&Why { reason }).inc();
    }

    /// The Prometheus text format, without its end mark.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            return String::new();
        }
        text.truncate(text.trim_end_matches("# EOF\n").len());
        text
    }
}

/// Counts up while it lives.
pub(crate) struct Counted(Gauge);

impl Counted {
    pub(crate) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
