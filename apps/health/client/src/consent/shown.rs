//! A consent in words.

use std::path::PathBuf;

use alloy_primitives::{Address, B256, U256};
use commonhold_health_contract::{
    codes::{ALL_CLASSES, ALL_NORMAL},
    duo,
    interface::IHealth::{self, Manner, Modifier, Permit, Recipient, Terms},
};
use commonhold_sdk::{Client, roles};
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;

use super::consent;

use crate::{
    out::{document, terms},
    words,
};

/// Whether a document is the one on the ledger.
#[derive(clap::Args)]
pub(crate) struct DocumentArgs {
    /// Say whether this file is the document that the ledger has the hash of.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// What the document is hashed behind, as who set it was told [default: made from the account's key].
    #[arg(long, value_name = "HEX", requires = "document")]
    salt: Option<B256>,
}

/// Tells a subject's consent.
pub(crate) fn show(
    session: &dyn Session,
    subject: Option<&str>,
    args: &DocumentArgs,
) -> eyre::Result<Answer> {
    let subject = session.whose(subject)?;
    let client = session.client()?;
    let Some(file) = &args.document else {
        return of(&client, subject);
    };
    let text = std::fs::read(file).map_err(|e| Refused(format!("{}: {e}", file.display())))?;
    let spelled = document::spelled(&text).map_err(|refusal| Refused::file(file, &refusal))?;
    let hash = consent(&client, subject)?.documentHash;
    let salt = match args.salt {
        Some(salt) => Some(salt),
        None if document::sha256(&spelled) == hash => None,
        None => Some(document::salt(
            &session.account()?,
            subject,
            client.chain_id()?,
            &spelled,
        )),
    };
    let is = match salt {
        Some(salt) => document::salted(&salt, &spelled) == hash,
        None => true,
    };
    let data = serde_json::json!({ "documentHash": hash, "same": is, "salt": salt.filter(|_| is) });
    let text = if is {
        "it is the document that the ledger has the hash of"
    } else {
        "it is another document"
    };
    let mut answer = Answer::of(&data, text)?;
    answer.refused = (!is).then(|| "the file is not the document on the ledger".to_owned());
    Ok(answer)
}

/// Tells a subject's consent as it stands.
pub(super) fn of(client: &Client, subject: Address) -> eyre::Result<Answer> {
    let consent = consent(client, subject)?;
    let in_force = stands(&consent);
    let permits = match in_force {
        true => consent.permits,
        false => Vec::new(),
    };
    let shown = Shown {
        subject,
        version: consent.version,
        in_force,
        document_hash: consent.documentHash,
        permits: permits.iter().map(Row::of).collect(),
    };
    Answer::of(&shown, text(&permits))
}

/// Whether a consent permits what its permits say.
pub(super) const fn stands(consent: &IHealth::Consent) -> bool {
    consent.version != 0 && consent.endedAt == 0
}

/// What permits mean.
pub(crate) fn text(permits: &[Permit]) -> String {
    match permits {
        [] => "no consent: every request is denied".to_owned(),
        permits => permits
            .iter()
            .map(|permit| Row::of(permit).text())
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    subject: Address,
    version: u64,
    in_force: bool,
    document_hash: B256,
    permits: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    #[serde(flatten)]
    terms: RuleRow,
    data_use: Vec<String>,
    standing: bool,
    veto_seconds: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exceptions: Vec<RuleRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleRow {
    purposes: Vec<&'static str>,
    classes: Vec<String>,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
}

impl RuleRow {
    fn of(terms: &Terms) -> Self {
        let some = |time: u64| (time != 0).then_some(time);
        Self {
            purposes: words::purposes(terms.purposes),
            classes: words::classes(terms.classes),
            to: match terms.kind {
                Recipient::Account => Address::from_word(terms.recipient).to_string(),
                Recipient::Role => format!("role:{}", roles::role_name(&terms.recipient)),
                Recipient::Study => format!("study:{}", U256::from_be_bytes(terms.recipient.0)),
                _ => "anyone".to_owned(),
            },
            from: some(terms.notBefore),
            until: some(terms.until),
        }
    }

    /// The classes, in a word where there is one.
    fn classes(&self) -> String {
        let all = |set| self.classes == words::classes(set);
        if all(ALL_CLASSES) {
            "everything".to_owned()
        } else if all(ALL_NORMAL) {
            "everything that is not restricted".to_owned()
        } else {
            self.classes.join(", ")
        }
    }

    /// From when until when, with a blank before it.
    fn window(&self) -> String {
        let time =
            |seconds: u64| terms::time(seconds).unwrap_or_else(|| format!("second {seconds}"));
        let mut text = String::new();
        if let Some(from) = self.from {
            text.push_str(&format!(" from {}", time(from)));
        }
        if let Some(until) = self.until {
            text.push_str(&format!(" until {}", time(until)));
        }
        text
    }
}

/// A modifier with what it says.
fn modifier(modifier: &Modifier) -> String {
    let term = duo::term(modifier.code);
    if duo::has_values(modifier.code) {
        format!("{term}={}", terms::word(&modifier.value))
    } else if duo::has_date(modifier.code) {
        let time = terms::time(modifier.time);
        format!(
            "{term}={}",
            time.unwrap_or_else(|| modifier.time.to_string())
        )
    } else {
        term
    }
}

impl Row {
    pub(super) fn of(permit: &Permit) -> Self {
        let data_use = &permit.dataUse;
        let diseases = data_use
            .diseases
            .iter()
            .map(|term| format!("MONDO:{term:07}"));
        let used = core::iter::once(duo::term(data_use.permission))
            .chain(diseases)
            .chain(data_use.modifiers.iter().map(modifier));
        Self {
            terms: RuleRow::of(&permit.terms),
            data_use: used.collect(),
            standing: permit.manner == Manner::Standing,
            veto_seconds: permit.vetoSeconds,
            exceptions: permit.exceptions.iter().map(RuleRow::of).collect(),
        }
    }

    pub(super) fn text(&self) -> String {
        let manner = match (self.standing, self.veto_seconds) {
            (true, 0) => "stands at once".to_owned(),
            (true, seconds) => format!("stands after {} h", seconds / super::HOUR),
            (false, _) => "you are asked".to_owned(),
        };
        let mut text = format!(
            "{} may use {} for {} under {}{}: {manner}",
            self.terms.to,
            self.terms.classes(),
            self.terms.purposes.join(", "),
            self.data_use.join(" "),
            self.terms.window(),
        );
        for exception in &self.exceptions {
            text.push_str(&format!(
                "\n  but not {} for {}{}, {}",
                exception.classes(),
                exception.purposes.join(", "),
                exception.window(),
                match exception.to.as_str() {
                    "anyone" => "whoever asks".to_owned(),
                    to => format!("where {to} asks"),
                },
            ));
        }
        text
    }
}
