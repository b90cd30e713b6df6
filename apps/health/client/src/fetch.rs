//! `commonhold health fetch`: the slices that a request opens, into a directory.
//!
//! Each is asked for by itself, and the ledger writes down that it was, before any key moves. What does
//! not open is told with its reason; what is in the directory already is not asked for again.

use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use commonhold_health_contract::{
    ADDRESS,
    codes::{bit, class_code},
    interface::IHealth::{Leave, SliceAsked, requestSliceCall},
    leave,
};
use commonhold_sdk::{
    Account, Client,
    records::{Ask, Form, Records, reader_secret},
};
use commonhold_session::{Answer, Session};
use serde::Serialize;

use crate::{ledger, naming, requests::purpose_of, words};

#[derive(Serialize)]
struct Row {
    record: B256,
    class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
}

/// Fetches what a request opens into a directory.
pub(crate) fn fetch(
    session: &dyn Session,
    number: u64,
    directory: &Path,
    form: Form,
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let request = ledger::request(&client, number)?;
    std::fs::create_dir_all(directory)?;
    let covered = request.standing | request.approved | request.asking | request.needing;
    let mut rows = Vec::new();
    for slice in ledger::slices(&client, request.subject)? {
        let code = class_code(slice.class, slice.sensitivity);
        if covered & bit(code) == 0 {
            continue;
        }
        let class = words::class(code);
        let stem = format!("{class}-{:.8}", hex_of(slice.id));
        let there = existing(directory, &stem, form)?;
        let mut row = Row {
            record: slice.id,
            class,
            file: None,
            refused: None,
        };
        if let Some(file) = there {
            session.say(&format!("{} is there already", file.display()));
            row.file = Some(file);
        } else {
            let file = named(directory, &stem, form);
            match one(session, (&client, &account), number, slice.id, &file, form)? {
                None if form == Form::Plain => row.file = Some(naming::suffixed(&file)?),
                None => row.file = Some(file),
                Some(why) => row.refused = Some(why),
            }
        }
        rows.push(row);
    }
    let refused = rows.iter().filter(|row| row.refused.is_some()).count();
    let text: Vec<String> = rows.iter().map(Row::text).collect();
    let mut answer = Answer::of(&serde_json::json!({ "slices": rows }), text.join("\n"))?;
    if rows.is_empty() {
        answer.refused = Some("the request covers no slice that there is".to_owned());
    } else if refused > 0 {
        answer.refused = Some(format!("{refused} of {} slices do not open", rows.len()));
    }
    Ok(answer)
}

/// Asks for one slice, and writes it. Why not, where it does not open.
fn one(
    session: &dyn Session,
    (client, account): (&Client, &Account),
    number: u64,
    id: B256,
    file: &Path,
    form: Form,
) -> eyre::Result<Option<&'static str>> {
    let secret = reader_secret()?;
    let call = requestSliceCall {
        number,
        id,
        readerKey: B256::from(secret.public().0),
    };
    let asked: SliceAsked = client.send_for_event(account, ADDRESS, &call)?;
    if !matches!(asked.leave, Leave::Granted | Leave::Own) {
        return Ok(Some(leave::words(asked.leave)));
    }
    let ask = Ask {
        purpose: purpose_of(number),
        secret: &secret,
        resume: true,
    };
    let records = Records::new(client, account);
    records.open_sealed(id, &ask, form, file, &*session.progress())?;
    Ok(None)
}

/// What a slice is written to. In clear it is named by what it is once it is there.
fn named(directory: &Path, stem: &str, form: Form) -> PathBuf {
    match form {
        Form::Encrypted => directory.join(format!("{stem}.{}", naming::ENCRYPTED)),
        Form::Plain => directory.join(stem),
    }
}

fn existing(directory: &Path, stem: &str, form: Form) -> std::io::Result<Option<PathBuf>> {
    match form {
        Form::Encrypted => Ok(Some(named(directory, stem, form)).filter(|file| file.exists())),
        Form::Plain => naming::existing(directory, stem),
    }
}

fn hex_of(id: B256) -> String {
    format!("{id:x}")
}

impl Row {
    fn text(&self) -> String {
        match (&self.file, self.refused) {
            (Some(file), _) => format!("{:<24} {}", self.class, file.display()),
            (None, why) => format!("{:<24} refused: {}", self.class, why.unwrap_or("unknown")),
        }
    }
}
