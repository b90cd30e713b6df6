//! `commonhold works evidence`: raw files, each with what its instrument signs about it.

use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use clap::Subcommand;
use commonhold_sdk::{
    clock::now_ms,
    reading::{DeviceSecret, Envelope, Reading, Record, Value as Measured},
    readings::read_key,
};
use commonhold_session::{Answer, Refused, Session};
use commonhold_works_contract::{
    ADDRESS,
    acceptance::integrity::Finding,
    interface::IWorks::{
        Design, EvidenceTaken, evidenceCall, fibreCall, orderOfCall, submitEvidenceCall,
    },
    sor::parse,
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{ask, short, text};
use crate::{
    limits::FILES_MAX,
    radio::EvidenceForm,
    refusal::{Refusal, bytes, json as document, name},
    table::table,
};

#[derive(Subcommand)]
pub(crate) enum EvidenceVerb {
    /// Bring raw files: each is signed by the instrument that made it, and read by every member.
    #[command(after_help = "\
Examples:
  commonhold works evidence submit 1 traces/*.sor --key near.key --key far.key --account builder
  commonhold works evidence submit 2 site_evidence.json --key analyser.key --account builder

Traces are brought in the order of their times. Which instrument made one, and from which end, is told by its
serial number: the order's first is at end A, its second at end B. Of a radio site the file says what was found
at each sector, and names its sweep (.s1p), which lies beside it.")]
    Submit {
        /// The order's number.
        order: u64,
        /// The traces; of a radio site what was found, as JSON.
        #[arg(required = true, num_args = 1..=FILES_MAX, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The instruments' key files.
        #[arg(long = "key", value_name = "FILE", required = true)]
        keys: Vec<PathBuf>,
        /// Where the instruments are: latitude and longitude in 1e-7 degrees.
        #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
        place: Option<String>,
    },
    /// Tell what was found of a piece of evidence.
    Show {
        /// Its number.
        evidence: u64,
    },
}

/// Numbers with commas between.
pub(super) fn numbers<const N: usize>(text: &str, what: &str) -> eyre::Result<[i64; N]> {
    let parts: Option<Vec<i64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let parts = parts.and_then(|parts| <[i64; N]>::try_from(parts).ok());
    Ok(parts.ok_or_else(|| Refused(format!("{text:?} is not {what}")))?)
}

pub(crate) fn evidence(session: &dyn Session, verb: &EvidenceVerb) -> eyre::Result<Answer> {
    match verb {
        EvidenceVerb::Submit {
            order,
            files,
            keys,
            place,
        } => submit(session, *order, files, keys, place.as_deref()),
        EvidenceVerb::Show { evidence } => {
            let found = ask(session, &evidenceCall { number: *evidence })?;
            let all = Finding::ALL
                .iter()
                .filter(|finding| found.findings & finding.bit() != 0);
            let findings: Vec<Value> = all
                .clone()
                .map(|finding| json!({ "rule": finding.rule(), "code": finding.code() }))
                .collect();
            let codes: Vec<&str> = all.map(|finding| finding.code()).collect();
            let data = json!({
                "evidence": evidence,
                "order": found.order,
                "fibre": text(&found.fibre),
                "slot": found.slot,
                "device": found.device,
                "time": found.time,
                "by": found.by,
                "sha256": found.file,
                "samplesSha256": found.samples,
                "findings": findings,
                "weight": weight_name(found.weight),
                "original": (found.original != 0).then_some(found.original),
            });
            let text = format!("{} {}", weight_name(found.weight), codes.join(", "));
            Answer::of(&data, text)
        }
    }
}

pub(crate) const fn weight_name(weight: u8) -> &'static str {
    match weight {
        0 => "clean",
        1 => "flagged",
        _ => "no evidence",
    }
}

fn secret(path: &Path) -> eyre::Result<DeviceSecret> {
    let bytes = bytes(path).map_err(|refusal| refusal.of(path))?;
    Ok(read_key(&bytes)?)
}

/// A file that is to be brought.
struct Shot {
    /// Its name.
    name: String,
    bytes: Vec<u8>,
    /// The fibre or the sector.
    of: String,
    /// What it is of it, for people.
    what: String,
    /// And for programs.
    told: Map<String, Value>,
    /// The instrument's place in the order.
    instrument: usize,
    /// Seconds since 1970.
    time: u64,
    /// What is signed beside the file's hash.
    pack: Vec<Record>,
}

fn told<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn record(name: &str, value: Measured) -> Record {
    Record {
        name: name.to_owned(),
        unit: None,
        value,
        offset: 0,
    }
}

fn integer(name: &str, value: i64) -> Record {
    record(name, Measured::integer(value))
}

/// A trace, by its serial number.
fn trace(path: &Path, asked: &Design) -> eyre::Result<Shot> {
    let bytes = bytes(path).map_err(|refusal| refusal.of(path))?;
    let sor = parse(&bytes).map_err(|e| Refusal::malformed(e.to_string()).of(path))?;
    let plain = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let (fibre, serial) = (plain(sor.general.fibre), plain(sor.supplier.otdr_serial));
    let (nm, time) = (sor.general.wavelength_nm, sor.fixed.time);
    let mut listed = asked.instruments.iter();
    let at = listed.position(|listed| text(&listed.serial) == serial);
    let instrument = at.ok_or_else(|| {
        let what = format!("the order has no instrument of serial number {serial:?}");
        Refused::file(path, &what)
    })?;
    let end = if instrument == 0 { "A" } else { "B" };
    let pack = vec![
        record("fibre", Measured::Text(fibre.clone())),
        integer("nm", nm.into()),
        record("end", Measured::Text(end.to_owned())),
    ];
    Ok(Shot {
        name: name(path),
        what: format!("{fibre} {nm} {end}"),
        told: told([
            ("fibre", fibre.clone().into()),
            ("nm", nm.into()),
            ("end", end.into()),
        ]),
        of: fibre,
        instrument,
        time: time.into(),
        pack,
        bytes,
    })
}

/// What was found at a site's sectors, each with its sweep; signed by the first of the order's instruments
/// that there is a key of.
fn sectors(path: &Path, asked: &Design, secrets: &[DeviceSecret]) -> eyre::Result<Vec<Shot>> {
    let found: Vec<EvidenceForm> = document(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut listed = asked.instruments.iter();
    let at = listed.position(|listed| key_of(secrets, listed.device).is_some());
    let instrument =
        at.ok_or_else(|| Refused("no --key is of an instrument of the order".into()))?;
    let one = |found: EvidenceForm| {
        let missing = |what: &str| {
            let what = format!("sector {:?} has no {what}", found.sector);
            Refused::file(path, &what)
        };
        let sweep = found.sweep.as_ref().ok_or_else(|| missing("sweep"))?;
        let sweep = folder.join(sweep);
        let fixed = found
            .gnss
            .unix_time
            .ok_or_else(|| missing("gnss.unix_time"))?;
        let seconds = i64::try_from(fixed).map_err(|_| missing("gnss.unix_time"))?;
        let fix = i64::from(if found.gnss.is_3d() { 3 } else { 2 });
        let pack = vec![
            record("sector", Measured::Text(found.sector.clone())),
            integer("azimuth", found.azimuth_cdeg),
            integer("tilt", found.mtilt_cdeg),
            integer("height", found.height_mm),
            integer("power", found.power_cdbm),
            integer("earth", found.earth_milliohm),
            integer("hdop", found.gnss.hdop_centi),
            integer("fix", fix),
            integer("fixed", seconds),
            integer("lat", found.gnss.lat_e7),
            integer("lon", found.gnss.lon_e7),
        ];
        Ok(Shot {
            name: name(&sweep),
            bytes: bytes(&sweep).map_err(|refusal| refusal.of(&sweep))?,
            what: found.sector.clone(),
            told: told([("sector", found.sector.clone().into())]),
            of: found.sector.clone(),
            instrument,
            time: fixed,
            pack,
        })
    };
    found.into_iter().map(one).collect()
}

fn key_of(secrets: &[DeviceSecret], device: B256) -> Option<&DeviceSecret> {
    secrets.iter().find(|secret| secret.key().id().0 == device)
}

fn submit(
    session: &dyn Session,
    order: u64,
    files: &[PathBuf],
    keys: &[PathBuf],
    place: Option<&str>,
) -> eyre::Result<Answer> {
    let place: Option<[i64; 2]> = place.map(|place| numbers(place, "LAT,LON")).transpose()?;
    let secrets: Vec<DeviceSecret> = keys
        .iter()
        .map(|key| secret(key))
        .collect::<eyre::Result<_>>()?;
    let asked = ask(session, &orderOfCall { number: order })?.design;
    let mut shots = Vec::new();
    for file in files {
        if asked.sectors.is_empty() {
            let mut shot = trace(file, &asked)?;
            if let Some([lat, lon]) = place {
                shot.pack.extend([integer("lat", lat), integer("lon", lon)]);
            }
            shots.push(shot);
        } else {
            shots.extend(sectors(file, &asked, &secrets)?);
        }
    }
    shots.sort_by_key(|shot| shot.time);
    let (client, account) = (session.client()?, session.account()?);
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let mut counter = now_ms();
    for shot in shots {
        let listed = asked.instruments.get(shot.instrument);
        let secret = listed.and_then(|listed| key_of(&secrets, listed.device));
        let Some(secret) = secret else {
            let serial = listed
                .map(|listed| text(&listed.serial))
                .unwrap_or_default();
            let what = format!("{}: no --key is of the instrument {serial:?}", shot.name);
            return Err(Refused(what).into());
        };
        let name = short(&shot.of)?;
        let nonce = client.call(ADDRESS, &fibreCall { order, name })?.nonce;
        counter = counter.saturating_add(1);
        let digest = Sha256::digest(&shot.bytes).to_vec();
        let mut pack = vec![record("sha256", Measured::Data(digest))];
        pack.extend(shot.pack);
        let reading = Reading {
            counter,
            time: shot.time.saturating_mul(1_000),
            pack,
            nonce: Some(nonce.to_vec()),
            origin: None,
        };
        let envelope = Envelope::sign(secret, reading).map_err(|e| Refused(e.to_string()))?;
        let call = submitEvidenceCall {
            order,
            reading: envelope.bytes().to_vec().into(),
            file: shot.bytes.into(),
        };
        let told: EvidenceTaken = client.send_for_event(&account, ADDRESS, &call)?;
        rows.push(vec![
            told.number.to_string(),
            shot.name.clone(),
            shot.what.clone(),
            weight_name(told.weight).to_owned(),
        ]);
        let mut data = shot.told;
        data.extend(self::told([
            ("evidence", told.number.into()),
            ("file", shot.name.into()),
            ("weight", weight_name(told.weight).into()),
        ]));
        all.push(data);
    }
    Answer::of(&all, table(&[">evidence", "file", "of", "found"], &rows))
}
