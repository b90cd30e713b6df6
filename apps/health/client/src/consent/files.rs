//! `commonhold health consent export` and `import`: a consent as FHIR R4 Consent.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{Manner, setConsentCall},
};
use commonhold_sdk::bundle::write;
use commonhold_session::{Answer, Refused, Session};
use serde_json::json;

use super::{consent, has_key, recipient, shown, whose};

use crate::out::{
    consent::consent as written,
    document,
    reading::{self, Beside},
};

/// A consent to be taken from a file.
#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    /// The FHIR R4 Consent.
    file: PathBuf,
    /// Whom a reference in it means: Practitioner/13=role:clinician, Organization/f001=clinic; as often as
    /// there are.
    #[arg(long = "actor", value_name = "REFERENCE=WHOM", value_parser = actor)]
    actors: Vec<(String, String)>,
    /// Ask each time, where the document permits without saying so [default: what it permits stands].
    #[arg(long)]
    ask: bool,
    /// Say what it means, and send nothing.
    #[arg(long)]
    dry_run: bool,
}

fn actor(text: &str) -> Result<(String, String), String> {
    let (reference, whom) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} says nobody: write Practitioner/13=role:clinician"))?;
    Ok((reference.to_owned(), whom.to_owned()))
}

/// Writes a subject's consent, to a file where there is one.
pub(crate) fn export(
    session: &dyn Session,
    subject: Option<&str>,
    output: Option<&Path>,
) -> eyre::Result<Answer> {
    let subject = session.whose(subject)?;
    let client = session.client()?;
    let standing = consent(&client, subject)?;
    let permits = shown::stands(&standing).then_some(standing.permits.as_slice());
    let chain = client.chain_id()?;
    let document = written(subject, chain, permits);
    let mut text = serde_json::to_string_pretty(&document)?;
    if let Some(permits) = permits {
        let hash = document::of_permits(subject, chain, permits);
        if hash.map_err(|refusal| Refused(refusal.to_string()))? != standing.documentHash {
            session.say(
                "the ledger names another document, which says more: who set the consent has it",
            );
        }
    }
    let Some(output) = output else {
        return Answer::of(&document, text);
    };
    text.push('\n');
    write(output, text.as_bytes())?;
    let data = json!({ "file": output, "documentHash": standing.documentHash });
    Answer::of(&data, output.display().to_string())
}

/// Sets a subject's consent to what a document says.
pub(crate) fn import(
    session: &dyn Session,
    subject: Option<&str>,
    args: &ImportArgs,
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let subject = whose(session, subject, account.address())?;
    let text =
        std::fs::read(&args.file).map_err(|e| Refused(format!("{}: {e}", args.file.display())))?;
    let refused = |refusal| Refused::file(&args.file, &refusal);
    let mut actors = BTreeMap::new();
    for (reference, whom) in &args.actors {
        actors.insert(reference.as_str(), recipient(session, whom)?);
    }
    let failed = RefCell::new(None);
    let chain = client.chain_id()?;
    let beside = Beside {
        chain,
        now: client.block_time()?,
        known: &|reference| actors.get(reference).copied(),
        has_key: &|who| {
            has_key(&client, who).unwrap_or_else(|e| {
                failed.replace(Some(e));
                true
            })
        },
        manner: if args.ask {
            Manner::Ask
        } else {
            Manner::Standing
        },
    };
    document::spelled(&text).map_err(refused)?;
    let said = reading::read(&text, &beside).map_err(refused)?;
    if let Some(error) = failed.take() {
        return Err(error.into());
    }
    if said.subject.is_some_and(|of| of != subject) {
        let why = format!(
            "{}: Consent.patient: is another than whose consent is set",
            args.file.display()
        );
        return Err(Refused(why).into());
    }
    let hashed =
        document::of_file(&account, (subject, chain), &said.permits, &text).map_err(refused)?;
    let call = setConsentCall {
        subject,
        permits: said.permits.clone(),
        documentHash: hashed.hash,
    };
    let version = match args.dry_run {
        // The law itself says whether it would be taken.
        true => {
            client.call_as(Some(account.address()), ADDRESS, &call)?;
            None
        }
        false => {
            client.send_call(&account, ADDRESS, &call)?;
            Some(consent(&client, subject)?.version)
        }
    };
    told(subject, version, &said, hashed)
}

fn told(
    subject: Address,
    version: Option<u64>,
    said: &reading::Said,
    hashed: document::Hashed,
) -> eyre::Result<Answer> {
    let rows: Vec<_> = said.permits.iter().map(shown::Row::of).collect();
    let mut text = shown::text(&said.permits);
    if !said.kept.is_empty() {
        text.push_str(&format!(
            "\nkept in the document alone: {}",
            said.kept.join(", ")
        ));
    }
    if let Some(salt) = hashed.salt {
        text.push_str(&format!(
            "\nits hash is salted; to show somebody that it is this document: --salt {salt}"
        ));
    }
    if version.is_none() {
        text.push_str("\nnothing is set");
    }
    let data = json!({
        "subject": subject,
        "version": version,
        "permits": rows,
        "kept": said.kept,
        "documentHash": hashed.hash,
        "salt": hashed.salt,
    });
    Answer::of(&data, text)
}
