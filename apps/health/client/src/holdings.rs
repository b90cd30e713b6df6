//! `commonhold health records`: what is registered about somebody, under every pseudonym of theirs.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::codes::class_code;
use commonhold_session::{Answer, Session};
use serde::Serialize;

use crate::{ledger, words};

#[derive(Serialize)]
struct Row {
    record: B256,
    class: String,
    subject: Address,
    /// Seconds since 1970.
    #[serde(rename = "registeredAt")]
    registered_at: u64,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    erased: bool,
}

/// Tells what is registered about `subject`; about who acts and their pseudonyms, where there is none.
pub(crate) fn list(session: &dyn Session, subject: Option<&str>) -> eyre::Result<Answer> {
    let client = session.client()?;
    let subjects = match subject {
        Some(who) => vec![session.who(who)?],
        None => ledger::all_of(&client, session.address()?)?,
    };
    let mut rows = Vec::new();
    for subject in &subjects {
        for slice in ledger::slices(&client, *subject)? {
            rows.push(Row {
                record: slice.id,
                class: words::class(class_code(slice.class, slice.sensitivity)),
                subject: *subject,
                registered_at: slice.registeredAt,
                erased: client.record_is_erased(slice.id)?,
            });
        }
    }
    let several = subjects.len() > 1;
    let lines: Vec<String> = rows.iter().map(|row| row.text(several)).collect();
    let text = if lines.is_empty() {
        "nothing is registered: import something, or take over the pseudonym that a hospital offers you"
            .to_owned()
    } else {
        lines.join("\n")
    };
    Answer::of(&serde_json::json!({ "records": rows }), text)
}

impl Row {
    fn text(&self, several: bool) -> String {
        let mut text = format!("{:<24} {}", self.class, self.record);
        if several {
            text.push_str(&format!(" {}", self.subject));
        }
        if self.erased {
            text.push_str(" erased");
        }
        text
    }
}
