//! `commonhold health withdraw`: leaving a study, for good.

use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{WithdrawnFrom, withdrawCall},
    limits::WITHDRAWALS_PER_CALL_MAX,
};
use commonhold_sdk::client::events;
use commonhold_session::{Answer, Session};
use serde::Serialize;

use crate::{
    copies::{self, Held},
    ledger,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Left {
    subject: alloy_primitives::Address,
    /// Copies that the study holds: it is to destroy them and say so.
    copies_outstanding: u64,
    /// Who holds them, and who attested which of them as destroyed.
    held: Vec<Held>,
}

/// Leaves a study with these subjects; with who acts and all their pseudonyms, where there are none.
pub(crate) fn withdraw(
    session: &dyn Session,
    study: u64,
    subjects: &[String],
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let mut all = Vec::new();
    for who in subjects {
        all.push(session.who(who)?);
    }
    if all.is_empty() {
        all = ledger::all_of(&client, account.address())?;
    }
    let mut left = Vec::new();
    for some in all.chunks(WITHDRAWALS_PER_CALL_MAX) {
        let call = withdrawCall {
            study,
            subjects: some.to_vec(),
        };
        let receipt = client.send_call(&account, ADDRESS, &call)?;
        for event in events::<WithdrawnFrom>(&receipt, ADDRESS) {
            let mut held = copies::of(&client, event.subject)?;
            held.retain(|held| held.study == Some(study));
            left.push(Left {
                subject: event.subject,
                copies_outstanding: event.copiesOutstanding,
                held,
            });
        }
    }
    let line = |one: &Left| {
        let copies = one.copies_outstanding;
        let mut text = format!(
            "{} left study {study}, which holds {copies} copies",
            one.subject
        );
        for held in &one.held {
            text.push_str(&format!("\n  {}", held.text()));
        }
        text
    };
    let lines: Vec<String> = left.iter().map(line).collect();
    Answer::of(
        &serde_json::json!({ "study": study, "left": left }),
        lines.join("\n"),
    )
}
