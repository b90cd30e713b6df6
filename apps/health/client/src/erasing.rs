//! `commonhold health erase`: slices erased for good.
//!
//! Who registered a slice's record erases it: every member deletes its sealed key and its content, and the
//! ledger keeps that there was one. What was opened before stays with who opened it, so what of it is
//! outstanding is told; and requests that ask for nothing that is left are closed, where who acts may answer
//! them.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    codes::{bit, class_code},
    interface::IHealth::{RequestState, consentOfCall, refuseCall, revokeCall, sliceCall},
};
use commonhold_sdk::{Account, Client, SdkError, records::Records};
use commonhold_session::{Answer, Session};
use serde::Serialize;

use crate::{
    copies::{self, Held},
    ledger, words,
};

/// What became of a slice.
#[derive(Serialize)]
struct Row {
    record: B256,
    class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// What is left of a subject's.
#[derive(Serialize)]
struct Left {
    subject: Address,
    /// Slices that are not erased.
    slices: usize,
    /// Whether a consent stands.
    consent: bool,
    /// Requests that were closed, as nothing is left that they ask for.
    closed: Vec<u64>,
    /// Requests for which the same is true, and which who acts may not answer.
    open: Vec<u64>,
    /// Who holds copies of what was opened.
    copies: Vec<Held>,
}

/// Erases slices; all of a subject's, where none are named.
pub(crate) fn erase(
    session: &dyn Session,
    slices: &[B256],
    subject: Option<&str>,
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let mut chosen: BTreeMap<Address, Vec<(B256, u8)>> = BTreeMap::new();
    for id in slices {
        let slice = client.call(ADDRESS, &sliceCall { id: *id })?;
        let code = class_code(slice.class, slice.sensitivity);
        chosen.entry(slice.subject).or_default().push((*id, code));
    }
    if slices.is_empty() {
        let subjects = match subject {
            Some(who) => vec![session.who(who)?],
            None => ledger::all_of(&client, account.address())?,
        };
        for subject in subjects {
            chosen.insert(subject, standing(&client, subject)?);
        }
    }
    let (mut rows, mut left) = (Vec::new(), Vec::new());
    for (subject, slices) in chosen {
        for (id, code) in slices {
            rows.push(Row {
                record: id,
                class: words::class(code),
                refused: one(&client, &account, id)?,
            });
        }
        left.push(Left::of(&client, &account, subject)?);
    }
    let refused = rows.iter().filter(|row| row.refused.is_some()).count();
    let text: Vec<String> = rows
        .iter()
        .map(Row::text)
        .chain(left.iter().map(Left::text))
        .collect();
    let data = serde_json::json!({ "erased": rows, "left": left });
    let mut answer = Answer::of(&data, text.join("\n"))?;
    if refused > 0 {
        answer.refused = Some(format!("{refused} of {} slices are not erased", rows.len()));
    }
    Ok(answer)
}

/// The slices of a subject's that are not erased, and their classes.
fn standing(client: &Client, subject: Address) -> Result<Vec<(B256, u8)>, SdkError> {
    let mut all = Vec::new();
    for slice in ledger::slices(client, subject)? {
        if !client.record_is_erased(slice.id)? {
            all.push((slice.id, class_code(slice.class, slice.sensitivity)));
        }
    }
    Ok(all)
}

/// Erases one record. Why not, where it is another's or erased already.
fn one(client: &Client, account: &Account, id: B256) -> Result<Option<String>, SdkError> {
    let owner = client.record(id)?.owner;
    if owner != account.address() {
        return Ok(Some(format!("{owner} keeps it, who alone can erase it")));
    }
    match Records::new(client, account).erase(id) {
        Ok(_) => Ok(None),
        Err(e @ SdkError::Reverted { .. }) => Ok(Some(e.to_string())),
        Err(e) => Err(e),
    }
}

impl Left {
    /// Closes what asks for nothing that is left, and tells what is.
    fn of(client: &Client, account: &Account, subject: Address) -> eyre::Result<Self> {
        let slices = standing(client, subject)?;
        let classes = slices.iter().fold(0, |set, (_, code)| set | bit(*code));
        let consent = client.call(ADDRESS, &consentOfCall { subject })?;
        let (mut closed, mut open) = (Vec::new(), Vec::new());
        for request in ledger::requests_to(client, subject)? {
            let over = !matches!(request.state, RequestState::Open | RequestState::Vetoed);
            if over || request.classes & classes != 0 {
                continue;
            }
            let number = request.number;
            match close(client, account, number) {
                Ok(()) => closed.push(number),
                Err(SdkError::Reverted { .. }) => open.push(number),
                Err(e) => return Err(e.into()),
            }
        }
        Ok(Self {
            subject,
            slices: slices.len(),
            consent: consent.version != 0 && consent.endedAt == 0,
            closed,
            open,
            copies: copies::of(client, subject)?,
        })
    }

    fn text(&self) -> String {
        let consent = if self.consent {
            "a consent stands: `consent end` takes it back"
        } else {
            "no consent stands"
        };
        let mut lines = vec![format!(
            "{}: {} slices left, {consent}",
            self.subject, self.slices
        )];
        for (numbers, what) in [
            (&self.closed, "closed, as nothing is left that it asks for"),
            (
                &self.open,
                "asks for nothing that is left; its subject can close it",
            ),
        ] {
            lines.extend(numbers.iter().map(|n| format!("  request {n}: {what}")));
        }
        lines.extend(self.copies.iter().map(|held| format!("  {}", held.text())));
        lines.join("\n")
    }
}

/// Refuses a request that waits for an answer, and takes one back that had a good one.
fn close(client: &Client, account: &Account, number: u64) -> Result<(), SdkError> {
    match client.send_call(account, ADDRESS, &refuseCall { number }) {
        Err(SdkError::Reverted { .. }) => {}
        done => return done.map(|_| ()),
    }
    let taken_back = client.send_call(account, ADDRESS, &revokeCall { number });
    taken_back.map(|_| ())
}

impl Row {
    fn text(&self) -> String {
        let what = self.refused.as_deref().unwrap_or("erased");
        format!("{:<24} {} {what}", self.class, self.record)
    }
}
