//! What the ledger tells of devices.

use alloy_primitives::{Address, B256};
use commonhold_sdk::{
    Client, IDevices,
    IDevices::Standing,
    SdkError,
    page::all,
    reading::{Algorithm, DeviceId},
};
use serde::Serialize;

use crate::{
    output::{Output, columns},
    time,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: B256,
    owner: Address,
    model: String,
    algorithm: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    standing: &'static str,
    enrolled_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibrated_until: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<Address>,
}

pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Unknown => "not enrolled",
        Standing::Good => "good",
        Standing::Revoked => "revoked",
        Standing::PastCalibration => "past calibration",
        Standing::__Invalid => "of a kind that this program does not know",
    }
}

fn entry(client: &Client, id: DeviceId) -> Result<Entry, SdkError> {
    let IDevices::Device {
        id,
        owner,
        algorithm,
        key,
        gateway,
        name,
        model,
        enrolledAt: enrolled_at,
        calibratedUntil: calibrated_until,
        certificate,
        stream,
        revokedAt: revoked_at,
        successor,
        ..
    } = client.device(id)?;
    let some = |id: B256| (!id.is_zero()).then_some(id);
    let algorithm = Algorithm::from_number(algorithm);
    Ok(Entry {
        id,
        owner,
        model,
        algorithm: algorithm.map_or_else(|_| "unknown".to_owned(), |a| a.to_string()),
        key: alloy_primitives::hex::encode(key),
        gateway: some(gateway),
        name: (!name.is_empty()).then_some(name),
        standing: standing(client.device_standing(DeviceId(id), 0)?),
        enrolled_at,
        calibrated_until: (calibrated_until != 0).then_some(calibrated_until),
        certificate: some(certificate),
        stream: some(stream),
        revoked_at: (revoked_at != 0).then_some(revoked_at),
        successor: (!successor.is_zero()).then_some(successor),
    })
}

/// Somebody's devices.
pub(super) fn list(client: &Client, me: Address, out: &mut Output) -> eyre::Result<()> {
    let mut entries = Vec::new();
    for id in all(|from| client.devices_of(me, from))? {
        let entry = entry(client, DeviceId(id))?;
        // What was given away stays in the ledger's list.
        if entry.owner == me {
            entries.push(entry);
        }
    }
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            vec![
                e.id.to_string(),
                e.standing.to_owned(),
                e.algorithm.clone(),
                e.model.clone(),
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

/// What the ledger has of a device.
pub(super) fn show(client: &Client, id: DeviceId, out: &mut Output) -> eyre::Result<()> {
    let entry = entry(client, id)?;
    out.result(&entry, |e| {
        let mut rows = vec![
            vec!["id".to_owned(), e.id.to_string()],
            vec!["owner".to_owned(), e.owner.to_string()],
            vec!["model".to_owned(), e.model.clone()],
            vec!["key".to_owned(), format!("{}:{}", e.algorithm, e.key)],
            vec!["standing".to_owned(), e.standing.to_owned()],
            vec!["enrolled".to_owned(), time::show(e.enrolled_at)],
        ];
        let mut more = |name: &str, value: Option<String>| {
            rows.extend(value.map(|value| vec![name.to_owned(), value]));
        };
        more("gateway", e.gateway.map(|g| g.to_string()));
        more("name", e.name.clone());
        more("calibrated until", e.calibrated_until.map(time::show));
        more("certificate", e.certificate.map(|c| c.to_string()));
        more("stream", e.stream.map(|s| s.to_string()));
        more("revoked", e.revoked_at.map(time::show));
        more("offered to", e.successor.map(|s| s.to_string()));
        columns(&rows)
    })
}
