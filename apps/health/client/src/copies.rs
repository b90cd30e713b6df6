//! `commonhold health copies` and `destroyed`: who holds copies of what was opened, and who says that theirs
//! are no more.
//!
//! A copy is a slice that a reader had opened under a request. What was opened cannot be taken back; whoever
//! has it attests, by the hash of a proof of theirs, that it was destroyed. The ledger keeps count and word,
//! and proves nothing of either.

use std::path::Path;

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{self, attestDestructionCall},
};
use commonhold_sdk::Client;
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{ledger, limits::EVIDENCE_BYTES_MAX};

/// What somebody holds of a subject's under a request.
#[derive(Serialize)]
pub(crate) struct Held {
    pub(crate) subject: Address,
    pub(crate) request: u64,
    pub(crate) requester: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) study: Option<u64>,
    /// Copies that there were.
    pub(crate) copies: u32,
    /// Of these the requester attested so many as destroyed.
    pub(crate) destroyed: u32,
    pub(crate) outstanding: u32,
}

impl Held {
    fn of(request: &IHealth::Request) -> Self {
        Self {
            subject: request.subject,
            request: request.number,
            requester: request.requester,
            study: (request.study != 0).then_some(request.study),
            copies: request.copies,
            destroyed: request.destroyed,
            outstanding: request.copies.saturating_sub(request.destroyed),
        }
    }

    pub(crate) fn text(&self) -> String {
        let study = self
            .study
            .map_or(String::new(), |n| format!(" for study {n}"));
        let said = match (self.destroyed, self.outstanding) {
            (0, n) => format!("holds {n}"),
            (gone, 0) => format!("attested all {gone} as destroyed"),
            (gone, n) => format!("holds {n}, and attested {gone} as destroyed"),
        };
        format!("request {}{study}: {} {said}", self.request, self.requester)
    }
}

/// What is held of a subject's, or was.
pub(crate) fn of(client: &Client, subject: Address) -> eyre::Result<Vec<Held>> {
    let requests = ledger::requests_to(client, subject)?;
    let opened = requests.iter().filter(|request| request.copies != 0);
    Ok(opened.map(Held::of).collect())
}

/// Tells who holds copies of `subject`'s records; of who acts and their pseudonyms, where there is none.
pub(crate) fn list(session: &dyn Session, subject: Option<&str>) -> eyre::Result<Answer> {
    let client = session.client()?;
    let subjects = match subject {
        Some(who) => vec![session.who(who)?],
        None => ledger::all_of(&client, session.address()?)?,
    };
    let mut all = Vec::new();
    for subject in subjects {
        all.extend(of(&client, subject)?);
    }
    told(&all)
}

fn told(all: &[Held]) -> eyre::Result<Answer> {
    let outstanding: u32 = all
        .iter()
        .fold(0, |sum, held| sum.saturating_add(held.outstanding));
    let lines: Vec<String> = all.iter().map(Held::text).collect();
    let text = if lines.is_empty() {
        "nothing was opened".to_owned()
    } else {
        lines.join("\n")
    };
    let data = serde_json::json!({ "copies": all, "outstanding": outstanding });
    Answer::of(&data, text)
}

/// Attests, as who made a request, that all copies made under it were destroyed.
pub(crate) fn destroyed(
    session: &dyn Session,
    number: u64,
    evidence: &Path,
) -> eyre::Result<Answer> {
    let evidence = hash(evidence)?;
    let (client, account) = (session.client()?, session.account()?);
    let call = attestDestructionCall { number, evidence };
    client.send_call(&account, ADDRESS, &call)?;
    told(&[Held::of(&ledger::request(&client, number)?)])
}

/// SHA-256 of a file.
fn hash(path: &Path) -> eyre::Result<B256> {
    let named = |e: std::io::Error| Refused(format!("{}: {e}", path.display()));
    let length = path.metadata().map_err(named)?.len();
    if length > EVIDENCE_BYTES_MAX {
        let why = format!("{} exceeds EVIDENCE_BYTES_MAX", path.display());
        return Err(Refused(why).into());
    }
    let text = std::fs::read(path).map_err(named)?;
    Ok(B256::from_slice(&Sha256::digest(&text)))
}
