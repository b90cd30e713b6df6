//! `commonhold works order`, `evidence` and `verdict`.

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
        EvidenceTaken, Fibre, OrderIssued, Outcome, RuleStatus, Verdict, decideReviewCall,
        evidenceCall, fibreCall, issueOrderCall, orderOfCall, outcomesCall, submitEvidenceCall,
    },
    sor::parse,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    act, ask, done,
    forms::{Site, design},
    hashed, short, text,
};
use crate::{
    limits::FILES_MAX,
    refusal::{Refusal, bytes, name},
    table::table,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Issue a work order, as owner or certifier.
    Issue {
        /// The contract's number.
        contract: u64,
        /// The milestone's number in it.
        milestone: u16,
        /// What is to be measured, as JSON.
        file: PathBuf,
        /// The instruments' device ids, in the order of the file's serial numbers.
        #[arg(
            long = "device",
            value_name = "ID",
            required = true,
            value_delimiter = ','
        )]
        devices: Vec<B256>,
        /// Where instruments have to be: latitude and longitude in 1e-7 degrees, and millimetres around it.
        #[arg(long, value_name = "LAT,LON,MM", allow_hyphen_values = true)]
        site: Option<String>,
    },
    /// Tell what an order asks for, and the nonces that instruments sign along.
    Show {
        /// The order's number.
        order: u64,
    },
}

#[derive(Subcommand)]
pub(crate) enum EvidenceVerb {
    /// Bring raw traces: each is signed by the instrument that made it, and read by every member.
    #[command(after_help = "\
Examples:
  commonhold works evidence submit 1 traces/*.sor --key near.key --key far.key --account builder

Files are brought in the order of their times. Which instrument made a file, and from which end, is told by
its serial number: the order's first is at end A, its second at end B.")]
    Submit {
        /// The order's number.
        order: u64,
        /// The traces.
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

#[derive(clap::Args)]
pub(crate) struct VerdictArgs {
    /// The order's number.
    order: u64,
    /// One fibre, with what every rule says of it.
    fibre: Option<String>,
    /// Decide a fibre that is to be reviewed, as certifier.
    #[arg(long, value_name = "WORD", requires = "fibre", requires = "reason")]
    decide: Option<super::contract::Word>,
    /// Why: its hash goes to the ledger.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Numbers with commas between.
fn numbers<const N: usize>(text: &str, what: &str) -> eyre::Result<[i64; N]> {
    let parts: Option<Vec<i64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let parts = parts.and_then(|parts| <[i64; N]>::try_from(parts).ok());
    Ok(parts.ok_or_else(|| Refused(format!("{text:?} is not {what}")))?)
}

pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Issue {
            contract,
            milestone,
            file,
            devices,
            site,
        } => {
            let site = site.as_deref().map(|site| {
                let [latitude, longitude, mm] = numbers(site, "LAT,LON,MM")?;
                eyre::Ok(Site {
                    latitude,
                    longitude,
                    radius_mm: u64::try_from(mm).unwrap_or_default(),
                })
            });
            let site = site.transpose()?;
            let call = issueOrderCall {
                contract_: *contract,
                milestone: *milestone,
                design: design(file, devices, site.as_ref())?,
            };
            let told: OrderIssued = act(session, &call)?;
            let data = json!({ "order": told.number, "fibres": told.fibres });
            Answer::of(&data, told.number.to_string())
        }
        Verb::Show { order } => show(session, *order),
    }
}

pub(crate) const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "ACCEPT",
        Verdict::Review => "REVIEW",
        Verdict::Reject => "REJECT",
        _ => "INCOMPLETE",
    }
}

/// The fibres of an order.
fn fibres(session: &dyn Session, order: u64, names: &[B256]) -> eyre::Result<Vec<(String, Fibre)>> {
    let client = session.client()?;
    let one = |name: &B256| {
        let found = client.call(ADDRESS, &fibreCall { order, name: *name })?;
        Ok((text(name), found))
    };
    names.iter().map(one).collect()
}

fn show(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let found = ask(session, &orderOfCall { number })?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for (name, fibre) in fibres(session, number, &found.design.fibres)? {
        let verdict = verdict_name(fibre.verdict);
        rows.push(vec![
            name.clone(),
            verdict.to_owned(),
            fibre.nonce.to_string(),
        ]);
        all.push(json!({
            "fibre": name,
            "attempt": fibre.attempt,
            "nonce": fibre.nonce,
            "verdict": verdict,
            "reviewUntil": fibre.reviewUntil,
        }));
    }
    let data = json!({
        "order": number,
        "contract": found.contract_,
        "milestone": found.milestone,
        "cable": text(&found.design.cable),
        "wavelengthsNm": found.design.wavelengths,
        "lengthMm": found.design.lengthMm,
        "accepted": found.accepted,
        "first": found.first,
        "doneAt": found.doneAt,
        "fibres": all,
    });
    Answer::of(&data, table(&["fibre", "verdict", "nonce"], &rows))
}

/// A trace that is to be brought.
struct Trace {
    name: String,
    bytes: Vec<u8>,
    fibre: String,
    serial: String,
    nm: u16,
    time: u32,
}

fn trace(path: &Path) -> eyre::Result<Trace> {
    let bytes = bytes(path).map_err(|refusal| refusal.of(path))?;
    let sor = parse(&bytes).map_err(|e| Refusal::malformed(e.to_string()).of(path))?;
    let plain = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let (fibre, serial) = (plain(sor.general.fibre), plain(sor.supplier.otdr_serial));
    let (nm, time) = (sor.general.wavelength_nm, sor.fixed.time);
    Ok(Trace {
        name: name(path),
        fibre,
        serial,
        nm,
        time,
        bytes,
    })
}

fn record(name: &str, value: Measured) -> Record {
    Record {
        name: name.to_owned(),
        unit: None,
        value,
        offset: 0,
    }
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
    let mut traces: Vec<Trace> = files
        .iter()
        .map(|file| trace(file))
        .collect::<eyre::Result<_>>()?;
    traces.sort_by_key(|trace| trace.time);
    let (client, account) = (session.client()?, session.account()?);
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let mut counter = now_ms();
    for trace in traces {
        let listed = asked
            .instruments
            .iter()
            .position(|i| text(&i.serial) == trace.serial);
        let known = listed.and_then(|at| asked.instruments.get(at));
        let secret =
            known.and_then(|known| secrets.iter().find(|s| s.key().id().0 == known.device));
        let (Some(at), Some(secret)) = (listed, secret) else {
            let what = format!(
                "{}: no --key is of the instrument {:?}",
                trace.name, trace.serial
            );
            return Err(Refused(what).into());
        };
        let end = if at == 0 { "A" } else { "B" };
        let fibre = short(&trace.fibre)?;
        let nonce = client
            .call(ADDRESS, &fibreCall { order, name: fibre })?
            .nonce;
        counter = counter.saturating_add(1);
        let mut pack = vec![
            record(
                "sha256",
                Measured::Data(Sha256::digest(&trace.bytes).to_vec()),
            ),
            record("fibre", Measured::Text(trace.fibre.clone())),
            record("nm", Measured::integer(trace.nm.into())),
            record("end", Measured::Text(end.to_owned())),
        ];
        if let Some([lat, lon]) = place {
            pack.push(record("lat", Measured::integer(lat)));
            pack.push(record("lon", Measured::integer(lon)));
        }
        let reading = Reading {
            counter,
            time: u64::from(trace.time).saturating_mul(1_000),
            pack,
            nonce: Some(nonce.to_vec()),
            origin: None,
        };
        let envelope = Envelope::sign(secret, reading).map_err(|e| Refused(e.to_string()))?;
        let call = submitEvidenceCall {
            order,
            reading: envelope.bytes().to_vec().into(),
            file: trace.bytes.into(),
        };
        let told: EvidenceTaken = client.send_for_event(&account, ADDRESS, &call)?;
        rows.push(vec![
            told.number.to_string(),
            trace.name.clone(),
            format!("{} {} {end}", trace.fibre, trace.nm),
            weight_name(told.weight).to_owned(),
        ]);
        all.push(json!({
            "evidence": told.number,
            "file": trace.name,
            "fibre": trace.fibre,
            "nm": trace.nm,
            "end": end,
            "weight": weight_name(told.weight),
        }));
    }
    Answer::of(&all, table(&[">evidence", "file", "fibre", "found"], &rows))
}

pub(crate) fn outcome(outcome: &Outcome) -> Value {
    let status = match outcome.status {
        RuleStatus::Pass => "PASS",
        RuleStatus::Marginal => "MARGINAL",
        RuleStatus::Insufficient => "INSUFFICIENT",
        _ => "FAIL",
    };
    json!({
        "id": text(&outcome.rule),
        "wavelength_nm": (outcome.wavelength != 0).then_some(outcome.wavelength),
        "value": outcome.measured.then_some(outcome.value),
        "limit": outcome.limit,
        "unit": text(&outcome.unit),
        "margin": outcome.measured.then_some(outcome.margin),
        "status": status,
    })
}

pub(crate) fn verdict(session: &dyn Session, args: &VerdictArgs) -> eyre::Result<Answer> {
    let order = args.order;
    let Some(fibre) = &args.fibre else {
        let found = ask(session, &orderOfCall { number: order })?;
        let (mut rows, mut all) = (Vec::new(), serde_json::Map::new());
        for (name, fibre) in fibres(session, order, &found.design.fibres)? {
            let verdict = verdict_name(fibre.verdict);
            rows.push(vec![name.clone(), verdict.to_owned()]);
            all.insert(name, verdict.into());
        }
        return Answer::of(&all, table(&["fibre", "verdict"], &rows));
    };
    let name = short(fibre)?;
    if let Some(word) = args.decide {
        let accept = matches!(word, super::contract::Word::Approve);
        let call = decideReviewCall {
            order,
            fibre: name,
            accept,
            reason: hashed(args.reason.as_deref()),
        };
        let said = if accept { "ACCEPT" } else { "REJECT" };
        return done(
            session,
            &call,
            json!({ "fibre": fibre, "verdict": said }),
            said,
        );
    }
    let found = ask(session, &outcomesCall { order, name })?;
    let rules: Vec<Value> = found.all.iter().map(outcome).collect();
    let rows: Vec<Vec<String>> = rules
        .iter()
        .map(|rule| {
            let cell = |name: &str| match &rule[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            [
                "id",
                "wavelength_nm",
                "value",
                "limit",
                "unit",
                "margin",
                "status",
            ]
            .map(cell)
            .to_vec()
        })
        .collect();
    let verdict = verdict_name(found.verdict);
    let data = json!({ "fibre": fibre, "verdict": verdict, "rules": rules });
    let head = [
        "rule", ">nm", ">value", ">limit", "unit", ">margin", "status",
    ];
    Answer::of(
        &data,
        format!("{fibre}: {verdict}\n\n{}", table(&head, &rows)),
    )
}
