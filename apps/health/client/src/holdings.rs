//! `commonhold health records`: what is registered about somebody.

use alloy_primitives::B256;
use commonhold_health_contract::codes::class_code;
use serde::Serialize;

use crate::{
    ledger,
    session::{Answer, Session},
    words,
};

#[derive(Serialize)]
struct Row {
    record: B256,
    class: String,
    /// Seconds since 1970.
    #[serde(rename = "registeredAt")]
    registered_at: u64,
}

/// Tells what is registered about `subject`; who acts, where there is none.
pub(crate) fn list(session: &dyn Session, subject: Option<&str>) -> eyre::Result<Answer> {
    let subject = session.whose(subject)?;
    let slices = ledger::slices(&session.client()?, subject)?;
    let rows: Vec<Row> = slices
        .into_iter()
        .map(|slice| Row {
            record: slice.id,
            class: words::class(class_code(slice.class, slice.sensitivity)),
            registered_at: slice.registeredAt,
        })
        .collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{:<24} {}", row.class, row.record))
        .collect();
    Answer::of(&serde_json::json!({ "records": rows }), lines.join("\n"))
}
