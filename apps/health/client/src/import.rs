//! `commonhold health import`: files in, slices on the ledger.
//!
//! ```text
//! read all files ── any that is not taken is told, and nothing of it leaves ── each slice: encrypted under
//! a key of its own, sealed to the network, uploaded, registered with health as its policy ── told to health
//! ```
//! The subject of slices is who imports, or whom they name: one subject for all files of a command. A file
//! about several people, or about another than the files before it, is refused, as nothing is worse than a
//! record in which two people are one. Whoever knows that two names mean one person says so.

use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{NewSlice, registerSlicesCall},
    limits::SLICES_PER_CALL_MAX,
};
use commonhold_sdk::{
    Account, Client,
    records::{PutOptions, Records},
};
use serde::Serialize;

use crate::{
    Options, Source, read,
    session::{Answer, Refused, Session},
    slice::{Form, Slice},
    words::sensitivity,
};

/// What came of a file.
#[derive(Serialize)]
struct Imported {
    file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    records: Vec<Row>,
}

/// A slice that is a record now.
#[derive(Serialize)]
struct Row {
    slice: String,
    record: B256,
    resources: u64,
    bytes: u64,
}

/// Imports files about `subject`; who acts, where there is none.
pub(crate) fn import(
    session: &dyn Session,
    files: &[PathBuf],
    subject: Option<&str>,
    options: Options,
    one_person: bool,
) -> eyre::Result<Answer> {
    let client = session.client()?;
    let account = session.account()?;
    let subject = match subject {
        Some(who) => session.who(who)?,
        None => account.address(),
    };
    let way = Way {
        session,
        client: &client,
        account: &account,
        subject,
    };
    let mut all = Vec::new();
    let mut person = None;
    for file in files {
        let imported = way.import(file, options, &mut person)?;
        if one_person {
            person = None;
        }
        all.push(imported);
    }
    let refused = all.iter().filter(|file| file.refused.is_some()).count();
    let text: Vec<String> = all.iter().map(Imported::text).collect();
    let mut answer = Answer::of(&serde_json::json!({ "files": all }), text.join("\n"))?;
    if refused > 0 {
        answer.refused = Some(format!("{refused} of {} files are refused", all.len()));
    }
    Ok(answer)
}

/// From a slice to a record.
struct Way<'a> {
    session: &'a dyn Session,
    client: &'a Client,
    account: &'a Account,
    subject: Address,
}

impl Way<'_> {
    /// Imports a file, where it is about `person`; the first file says who that is.
    fn import(
        &self,
        file: &Path,
        options: Options,
        person: &mut Option<String>,
    ) -> eyre::Result<Imported> {
        let mut done = Imported {
            file: file.to_owned(),
            refused: None,
            records: Vec::new(),
        };
        let contents = match read(&Source::File(file.to_owned()), options) {
            Ok(contents) => contents,
            Err(refusal) => {
                done.refused = Some(refusal.to_string());
                return Ok(done);
            }
        };
        if contents.people.len() > 1 {
            let why = "it is about several people: import a file for each, with --subject";
            done.refused = Some(why.to_owned());
            return Ok(done);
        }
        if let Some(named) = contents.people.first() {
            let known = person.get_or_insert_with(|| named.reference().to_owned());
            if known != named.reference() {
                let why = "it is about another person than the files before it: import each person's \
                           files by themselves, with --subject; or say --one-person";
                done.refused = Some(why.to_owned());
                return Ok(done);
            }
        }
        self.session.say(&format!(
            "{}: {} slices",
            file.display(),
            contents.slices.len()
        ));
        let mut told = Vec::new();
        for slice in &contents.slices {
            let id = self.put(slice, file)?;
            told.push(NewSlice {
                id,
                class: slice.class.on_ledger(),
                sensitivity: sensitivity(slice.restricted, slice.sensitivity),
            });
            done.records.push(Row {
                slice: slice.name(),
                record: id,
                resources: slice.resources,
                bytes: slice.padded_bytes(),
            });
        }
        for some in told.chunks(SLICES_PER_CALL_MAX) {
            let call = registerSlicesCall {
                subject: self.subject,
                slices: some.to_vec(),
            };
            self.client.send_call(self.account, ADDRESS, &call)?;
        }
        Ok(done)
    }

    fn put(&self, slice: &Slice, file: &Path) -> eyre::Result<B256> {
        let options = PutOptions {
            kind: match slice.form {
                Form::Bundle => "application/fhir+json",
                Form::Ndjson => "application/fhir+ndjson",
                Form::Original => "application/octet-stream",
            }
            .to_owned(),
            policy: Some(ADDRESS),
            seal: true,
            ..PutOptions::default()
        };
        let content = slice
            .open()
            .map_err(|refusal| Refused::file(file, &refusal))?;
        let records = Records::new(self.client, self.account);
        let progress = self.session.progress();
        let put = records.put_from(content, slice.padded_bytes(), &options, &*progress)?;
        Ok(put.id)
    }
}

impl Imported {
    fn text(&self) -> String {
        if let Some(why) = &self.refused {
            return format!("{}: refused: {why}", self.file.display());
        }
        let mut text = self.file.display().to_string();
        for row in &self.records {
            text.push_str(&format!("\n  {:<24} {}", row.slice, row.record));
        }
        if self.records.is_empty() {
            text.push_str("\n  nothing to import");
        }
        text
    }
}
