//! The samples that `up --samples` puts into a network.

use std::io::Write as _;

use alloy_primitives::B256;
use commonhold_node::devnet::accounts::WELL_KNOWN;
use commonhold_sdk::{Account, Client, Records, SdkError, records::PutOptions};
use serde::Serialize;

/// A sample record: its file, what it is, and the file's content.
const RECORDS: &[(&str, &str, &[u8])] = &[(
    "health/visit.json",
    "application/fhir+json",
    include_bytes!("../../../../samples/health/visit.json"),
)];

/// What the sample owner is called on the ledger.
const OWNER: &str = "Sample clinic";

/// A record that was put in.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sample {
    pub(super) file: &'static str,
    pub(super) record: String,
    pub(super) owner: String,
}

/// Puts the samples in by way of the member at `url`, as the first of the well-known accounts. What
/// that account has put in already is not put in again.
pub(super) fn put(url: &str) -> Result<Vec<Sample>, SdkError> {
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
        let mut aside =
            tempfile::NamedTempFile::new().map_err(|e| SdkError::Usage(e.to_string()))?;
        aside
            .write_all(content)
            .map_err(|e| SdkError::Usage(e.to_string()))?;
        let options = PutOptions {
            kind: (*kind).to_owned(),
            ..Default::default()
        };
        let put = records.put(aside.path(), &options, &())?;
        samples.push(sample(*file, put.id.to_string()));
    }
    Ok(samples)
}

fn account_of(key: &str) -> Result<Account, SdkError> {
    let secret: B256 = key.parse().map_err(|e| SdkError::Usage(format!("{e}")))?;
    Ok(Account::from_secret(secret.as_slice())?)
}
