//! The samples that `up --samples` puts into a network: a record of the first of the well-known accounts, and
//! a health system at work ([`health`]). What is in already is not put in again.

mod health;
mod people;

use std::{io::Write as _, path::Path};

use alloy_primitives::B256;
use commonhold_node::{
    devnet::{self, DevnetMember, accounts::WELL_KNOWN},
    keys,
};
use commonhold_sdk::{Account, Client, Records, records::PutOptions};
use eyre::bail;
use serde::Serialize;

pub(super) use people::{PASSPHRASE, Person};

/// A sample record: its file, what it is, and the file's content.
const RECORDS: &[(&str, &str, &[u8])] = &[(
    "health/visit.json",
    "application/fhir+json",
    include_bytes!("../../../../samples/health/visit.json"),
)];

/// What the sample owner is called on the ledger.
const OWNER: &str = "Sample clinic";

/// What was put in.
#[derive(Default)]
pub(super) struct Samples {
    pub(super) records: Vec<Sample>,
    pub(super) people: Vec<Person>,
}

/// A record that was put in.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sample {
    pub(super) file: &'static str,
    pub(super) record: String,
    pub(super) owner: String,
}

/// Puts the samples in by way of `member` of the network in `dir`.
pub(super) fn put(dir: &Path, member: &DevnetMember) -> eyre::Result<Samples> {
    let url = member.url();
    let records = put_records(&url)?;
    let keystore = devnet::samples(dir);
    let people = people::recovery_files(&keystore)?;
    let place = tempfile::tempdir()?;
    let secret = keys::read_secret(&member.dir.join("account.key"))?;
    let secret = B256::try_from(secret.as_slice())?;
    let town = health::Town::new(&url, &secret, place.path(), &keystore)?;
    match town.is_filled()? {
        (_, true) => {}
        (false, false) => town.fill()?,
        (true, false) => bail!("an earlier start was cut off in the middle; --fresh begins anew"),
    }
    Ok(Samples { records, people })
}

fn put_records(url: &str) -> eyre::Result<Vec<Sample>> {
    let Some(known) = WELL_KNOWN.first() else {
        return Ok(Vec::new());
    };
    let account = account_of(known.private_key)?;
    let client = Client::new(url)?;
    let records = Records::new(&client, &account);
    let present = records.mine(0)?.items;
    let sample = |file, record: String| Sample {
        file,
        record,
        owner: known.address.to_string(),
    };
    if !present.is_empty() {
        let files = RECORDS.iter().map(|(file, _, _)| *file);
        return Ok(files
            .zip(present)
            .map(|(file, id)| sample(file, id.to_string()))
            .collect());
    }
    client.ensure_registered(&account, OWNER)?;
    let mut samples = Vec::new();
    for (file, kind, content) in RECORDS {
        let mut aside = tempfile::NamedTempFile::new()?;
        aside.write_all(content)?;
        let options = PutOptions {
            kind: (*kind).to_owned(),
            ..Default::default()
        };
        let put = records.put(aside.path(), &options, &())?;
        samples.push(sample(*file, put.id.to_string()));
    }
    Ok(samples)
}

fn account_of(key: &str) -> eyre::Result<Account> {
    let secret: B256 = key.parse()?;
    Ok(Account::from_secret(secret.as_slice())?)
}
