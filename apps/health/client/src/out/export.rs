//! `commonhold health export`: everything that a person has, in one directory.
//!
//! ```text
//! index.md, index.json   what is here, for people and for programs
//! records/               each slice, decrypted
//! Consent.json           the consent as it stands
//! AuditEvent.ndjson      who was let in and who was refused
//! Provenance.ndjson      where each slice comes from, signed
//! ResearchStudy.ndjson   the studies that something was let in to for
//! proof/                 stamps of all of it
//! pseudonyms/            the same of each pseudonym that the person took over
//! ```
//!
//! Slices that are there already are not opened again: what was interrupted goes on where it was. Each
//! opening is on the ledger as every other, and so in the audit trail, which is gathered last.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::Path,
};

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{duo, interface::IHealth};
use commonhold_sdk::{
    Account, Client, Kind as Failing,
    bundle::{Entry, INDEX, pretty, write},
    records::{Ask, Form, Records, reader_secret},
};
use commonhold_session::{Answer, Session};
use serde::Serialize;
use serde_json::json;

use super::{
    audit::{AUDIT, Gathered, gather, people, sentences},
    index::{PAGE, files, lines},
    people::{PSEUDONYMS, directory},
    proof::Of,
    terms,
};

use crate::{consent, ledger, naming, words};

/// The consent.
pub(crate) const CONSENT: &str = "Consent.json";
/// Where slices come from.
pub(crate) const PROVENANCE: &str = "Provenance.ndjson";
/// Studies.
pub(crate) const STUDIES: &str = "ResearchStudy.ndjson";
/// Where slices are.
const RECORDS: &str = "records";

/// A slice as it is told.
#[derive(Serialize)]
struct Row {
    record: B256,
    class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// Exports everything of `subject`; of who acts, where there is none.
pub(crate) fn export(
    session: &dyn Session,
    subject: Option<&str>,
    into: &Path,
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let subject = match subject {
        Some(who) => session.who(who)?,
        None => account.address(),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(into)?;
    unfinished(into)?;
    // The list of files is of all, so the person's own comes last.
    let held = people(&client, subject, into)?;
    let mut exported = Vec::new();
    for pseudonym in held {
        let place = directory(into, pseudonym);
        session.say(&format!("pseudonym {pseudonym}"));
        exported.push(one(session, (&client, &account), pseudonym, &place)?);
    }
    let mut own = one(session, (&client, &account), subject, into)?;
    let refused = own.refused + exported.iter().map(|other| other.refused).sum::<usize>();
    for other in &exported {
        own.said.push(format!(
            "Pseudonym {}: {}",
            other.subject,
            other.said.join(" ")
        ));
    }
    if let (Some(data), false) = (own.data.as_object_mut(), exported.is_empty()) {
        let others: Vec<_> = exported.into_iter().map(|other| other.data).collect();
        data.insert("pseudonyms".to_owned(), others.into());
    }
    let mut answer = Answer::of(&own.data, own.said.join("\n"))?;
    if refused > 0 {
        answer.refused = Some(format!("{refused} slices do not open"));
    }
    Ok(answer)
}

/// What was exported of one address.
struct Exported {
    subject: Address,
    data: serde_json::Value,
    said: Vec<String>,
    refused: usize,
}

/// Exports everything under one address.
fn one(
    session: &dyn Session,
    who: (&Client, &Account),
    subject: Address,
    into: &Path,
) -> eyre::Result<Exported> {
    let (client, _) = who;
    let records = into.join(RECORDS);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&records)?;
    unfinished(into)?;
    let slices = ledger::slices(client, subject)?;
    let mut rows = Vec::new();
    for (number, slice) in (1usize..).zip(&slices) {
        session.say(&format!(
            "slice {number} of {}: {}",
            slices.len(),
            words::slice_class(slice)
        ));
        rows.push(bring(session, who, slice, &records)?);
    }
    session.say("gathering the audit trail and its proof");
    let gathered = gather(client, Of::Subject(subject), true, into)?;
    let documents = &gathered.documents;
    write(&into.join(PROVENANCE), &lines(&documents.provenance))?;
    write(&into.join(STUDIES), &lines(&documents.studies))?;
    match &documents.consent {
        Some(consent) => write(&into.join(CONSENT), &pretty(consent)?)?,
        None if into.join(CONSENT).exists() => fs::remove_file(into.join(CONSENT))?,
        None => {}
    }
    write(&into.join(PAGE), page(&gathered, &rows).as_bytes())?;
    let listed = files(into)?
        .iter()
        .map(|path| Entry::read(into, path))
        .collect::<Result<Vec<Entry>, _>>()?;
    write(&into.join(INDEX), &pretty(&listed)?)?;

    let refused = rows.iter().filter(|row| row.refused.is_some()).count();
    let mut said = sentences(&gathered);
    said.push(format!("{} files in {}.", listed.len() + 1, into.display()));
    let data = json!({
        "subject": subject,
        "slices": rows,
        "events": documents.audit.len(),
        "disclosures": documents.disclosures,
        "refusals": documents.refusals,
        "studies": documents.studies.len(),
        "files": listed.len(),
    });
    Ok(Exported {
        subject,
        data,
        said,
        refused,
    })
}

/// An export whose list is there is finished.
fn unfinished(root: &Path) -> io::Result<()> {
    match fs::remove_file(root.join(INDEX)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Brings one slice here, unless it is here.
fn bring(
    session: &dyn Session,
    (client, account): (&Client, &Account),
    slice: &IHealth::Slice,
    records: &Path,
) -> eyre::Result<Row> {
    let class = words::slice_class(slice);
    let stem = format!("{class}-{:.16}", format!("{:x}", slice.id));
    let mut row = Row {
        record: slice.id,
        class,
        file: None,
        refused: None,
    };
    let file = match naming::existing(records, &stem)? {
        Some(file) => file,
        None => {
            if client.record_is_erased(slice.id)? {
                row.refused = Some("it was erased".to_owned());
                return Ok(row);
            }
            let secret = reader_secret()?;
            let ask = Ask {
                purpose: duo::name("PATRQT"),
                secret: &secret,
                resume: false,
            };
            let opened = Records::new(client, account).open_sealed(
                slice.id,
                &ask,
                Form::Plain,
                &records.join(&stem),
                &*session.progress(),
            );
            match opened {
                Ok(_) => records.join(&stem),
                // What does not open is told; where nobody answers it is tried again another time.
                Err(e) if e.kind() == Failing::Refused => {
                    row.refused = Some(e.to_string());
                    return Ok(row);
                }
                Err(e) => return Err(e.into()),
            }
        }
    };
    let file = naming::suffixed(&file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    row.file = Some(format!("{RECORDS}/{name}"));
    Ok(row)
}

/// The list for people.
fn page(gathered: &Gathered, rows: &[Row]) -> String {
    let documents = &gathered.documents;
    let mut text = String::from("# Your health data\n\n");
    let mut add = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for said in sentences(gathered) {
        add(said);
    }
    add(
        "\nWhoever has this directory and the network's key checks it without any network:\n"
            .to_owned(),
    );
    add("    commonhold verify DIRECTORY --network-key KEY".to_owned());
    add("\n## Records\n\n| class | since | put in by | file |\n|---|---|---|---|".to_owned());
    for (row, held) in rows.iter().zip(&documents.slices) {
        let since = terms::time(held.slice.registeredAt).unwrap_or_default();
        let by = held
            .record
            .as_ref()
            .map(|record| record.owner.to_string())
            .unwrap_or_default();
        let file = row
            .file
            .as_deref()
            .or(row.refused.as_deref())
            .unwrap_or_default();
        add(format!("| {} | {since} | {by} | {file} |", row.class));
    }
    add(format!(
        "\n## Who opened them\n\nThe whole list, also of what was refused, is in {AUDIT}.\n"
    ));
    add("| when | who | what | outcome |\n|---|---|---|---|".to_owned());
    for event in &documents.audit {
        add(opened(event, rows));
    }
    add("\n## What you permit\n".to_owned());
    add(consent::in_words(&documents.permits));
    if !documents.studies.is_empty() {
        add(format!(
            "\n## Studies\n\n{} in {STUDIES}.",
            documents.studies.len()
        ));
    }
    if !documents.pseudonyms.is_empty() {
        add("\n## Under pseudonyms that you took over\n".to_owned());
    }
    for pseudonym in &documents.pseudonyms {
        add(format!("- {PSEUDONYMS}/{pseudonym}/{PAGE}"));
    }
    add(format!(
        "\n## Where it comes from\n\n{PROVENANCE}: for each record who signed it, with the stamp."
    ));
    text
}

/// An AuditEvent as a row.
fn opened(event: &serde_json::Value, rows: &[Row]) -> String {
    let text = |path: &str| {
        event
            .pointer(path)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    let of = |name: &str| {
        let extensions = event.get("extension").and_then(serde_json::Value::as_array);
        let url = terms::url(name);
        let mut found = extensions
            .into_iter()
            .flatten()
            .filter(|one| one.get("url").is_some_and(|u| *u == *url));
        let value = found
            .next()
            .and_then(|one| one.get("valueString"))
            .and_then(serde_json::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let who = [
        "/agent/1/who/identifier/value",
        "/agent/0/who/identifier/value",
    ]
    .map(text);
    let who = who
        .into_iter()
        .find(|who| !who.is_empty())
        .unwrap_or_default();
    let mut row = String::new();
    let outcome = match text("/outcome") {
        "0" => "opened",
        _ => text("/outcomeDesc"),
    };
    let record = of("record");
    let mut of_record = rows.iter().filter(|row| row.record.to_string() == record);
    let what = match of_record.next() {
        Some(row) => row.class.clone(),
        None => format!("emergency {}", of("emergency")),
    };
    let _ = write!(
        row,
        "| {} | {who} | {what} | {outcome} |",
        text("/recorded")
    );
    row
}
