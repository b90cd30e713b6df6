//! How the gateway is.

use std::sync::atomic::Ordering;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::{Registry, Unit},
};
use serde_json::json;

use super::{Problem, Served};

/// Whether readings are taken.
pub(super) async fn health(State(served): State<Served>) -> Response {
    let full = served.intake.journal().is_full();
    let status = if full {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let what = if full { "the store is full" } else { "ok" };
    (status, Json(json!({"status": what}))).into_response()
}

/// Counts, and what waits.
pub(super) async fn status(State(served): State<Served>, headers: HeaderMap) -> Response {
    if let Err(problem) = served.client(&headers).await {
        return problem.into_response();
    }
    let (readings, bytes) = served.intake.journal().waiting();
    let happened = &served.mqtt.happened;
    let state = served.state.now();
    Json(json!({
        "gateway": served.intake.gateway().to_string(),
        "counts": served.intake.journal().totals(),
        "waiting": {"readings": readings, "bytes": bytes},
        "devices": served.intake.directory().len(),
        "mqtt": {
            "connected": served.mqtt.connected(),
            "connections": happened.connections.load(Ordering::Relaxed),
            "taken_over": happened.taken_over.load(Ordering::Relaxed),
            "credential_in_use": happened.credential_in_use.load(Ordering::Relaxed),
            "identifier_in_use": happened.identifier_in_use.load(Ordering::Relaxed),
            "protocol_errors": happened.protocol_errors.load(Ordering::Relaxed),
            "subscriptions_refused": happened.subscriptions.load(Ordering::Relaxed),
        },
        "denied": served.clients.denied(),
        "ledger": state,
    }))
    .into_response()
}

/// The same for Prometheus. Nothing in it names a device or a person.
pub(super) async fn metrics(State(served): State<Served>) -> Response {
    match text(&served) {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(e) => {
            Problem(StatusCode::INTERNAL_SERVER_ERROR, "metrics", e.to_string()).into_response()
        }
    }
}

fn text(served: &Served) -> Result<String, core::fmt::Error> {
    let mut registry = Registry::with_prefix("commonhold_gateway");
    let totals = served.intake.journal().totals();
    for (name, count) in totals.named() {
        registry.register(name, format!("Messages: {name}"), ConstCounter::new(count));
    }
    for (reason, count) in &totals.refused {
        let labels = [("reason".into(), reason.clone().into())];
        registry
            .sub_registry_with_labels(labels.into_iter())
            .register("refused", "Messages refused", ConstCounter::new(*count));
    }
    let (readings, bytes) = served.intake.journal().waiting();
    let gauge = |count: u64| ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
    registry.register(
        "waiting_readings",
        "Readings not anchored yet",
        gauge(readings),
    );
    registry.register_with_unit(
        "waiting",
        "Readings not anchored yet",
        Unit::Bytes,
        gauge(bytes),
    );
    let devices = served.intake.directory().len() as u64;
    registry.register("devices", "Devices that are known", gauge(devices));
    let connected = served.mqtt.connected() as u64;
    registry.register("mqtt_connected", "MQTT connections open", gauge(connected));
    let happened = &served.mqtt.happened;
    for (name, count) in [
        ("mqtt_connections", &happened.connections),
        ("mqtt_taken_over", &happened.taken_over),
        ("mqtt_credential_in_use", &happened.credential_in_use),
        ("mqtt_identifier_in_use", &happened.identifier_in_use),
        ("mqtt_protocol_errors", &happened.protocol_errors),
        ("mqtt_subscriptions_refused", &happened.subscriptions),
    ] {
        let count = count.load(Ordering::Relaxed);
        registry.register(
            name,
            format!("Connections: {name}"),
            ConstCounter::new(count),
        );
    }
    let state = served.state.now();
    registry.register(
        "batches_anchored",
        "Batches on the ledger",
        ConstCounter::new(state.anchored),
    );
    registry.register(
        "anchor_transactions",
        "Transactions sent",
        ConstCounter::new(state.transactions),
    );
    registry.register(
        "batches_waiting",
        "Batches not on the ledger yet",
        gauge(state.batches_waiting),
    );
    registry.register(
        "node_answers",
        "Whether the node answers",
        gauge(u64::from(state.node_answers)),
    );
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
