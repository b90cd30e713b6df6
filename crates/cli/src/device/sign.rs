//! `commonhold device sign` and `commonhold device check`.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use alloy_primitives::Bytes;
use commonhold_node::keys;
use commonhold_sdk::{
    Client,
    clock::now_ms,
    limits::DEVICE_KEY_BYTES_MAX,
    reading::{DeviceId, DeviceKey, DeviceSecret, Envelope, Reading, limits::ENVELOPE_BYTES_MAX},
    readings::{pack_from_json, read_key, record_from_words},
};
use serde::Serialize;

use super::{key, told::standing};
use crate::{
    exit::Failure,
    files::{PUBLIC, write},
    output::Output,
    reading::{Told, shown},
};

/// Bytes of a file of records.
const PACK_BYTES_MAX: u64 = 64 * 1024;

/// Sign a reading as a device; gives the signed bytes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold device sign meter.key power=230.5,W door=false -o reading.cbor
  commonhold device sign meter.key --pack senml.json > reading.cbor")]
pub(crate) struct Args {
    /// The device's key file.
    file: PathBuf,
    /// What was measured: NAME=VALUE, or NAME=VALUE,UNIT where it is a number.
    #[arg(value_name = "RECORD", required_unless_present = "pack")]
    records: Vec<String>,
    /// A file of resolved SenML JSON; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "records")]
    pack: Option<PathBuf>,
    /// The counter, larger with each reading [default: the time in milliseconds].
    #[arg(long, value_name = "N")]
    counter: Option<u64>,
    /// When it was taken, in milliseconds since 1970 [default: now].
    #[arg(long, value_name = "MS")]
    time: Option<u64>,
    /// A nonce to sign along, 8 to 64 bytes in hex.
    #[arg(long, value_name = "HEX")]
    nonce: Option<Bytes>,
    /// Where to; standard output without it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Say what a signed reading says, and whether its device signed it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold device check reading.cbor                 # by the key on the ledger
  commonhold device check reading.cbor --key p256:03ab…  # offline")]
pub(crate) struct CheckArgs {
    /// The signed reading; - is standard input.
    file: PathBuf,
    /// The device's public key; without it the ledger is asked.
    #[arg(long, value_name = "ALGORITHM:HEX", value_parser = key)]
    key: Option<DeviceKey>,
}

#[derive(Serialize)]
struct Checked {
    device: DeviceId,
    signer: DeviceId,
    #[serde(flatten)]
    told: Told,
    /// What stands against the device and who signed, where the ledger was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer_standing: Option<String>,
}

/// Reads a device's key file, which nobody but its owner may read.
pub(super) fn read_secret(path: &Path) -> eyre::Result<DeviceSecret> {
    let file = keys::open_private(path)?;
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(DEVICE_KEY_BYTES_MAX));
    file.take(DEVICE_KEY_BYTES_MAX as u64)
        .read_to_end(&mut bytes)?;
    Ok(read_key(&bytes)?)
}

/// Reads a file, or standard input, up to one byte more than `max`.
pub(crate) fn read(path: &Path, max: u64) -> eyre::Result<Vec<u8>> {
    let limit = max.saturating_add(1);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        let named = |e: io::Error| Failure::Usage(format!("{}: {e}", path.display()));
        let file = File::open(path).map_err(named)?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

pub(super) fn sign(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let secret = read_secret(&args.file)?;
    let pack = match &args.pack {
        Some(path) => pack_from_json(&read(path, PACK_BYTES_MAX)?)?,
        None => args
            .records
            .iter()
            .map(|words| record_from_words(words))
            .collect::<Result<_, _>>()?,
    };
    let now = now_ms();
    let reading = Reading {
        counter: args.counter.unwrap_or(now),
        time: args.time.unwrap_or(now),
        pack,
        nonce: args.nonce.as_ref().map(|nonce| nonce.to_vec()),
        origin: None,
    };
    let signed = Envelope::sign(&secret, reading).map_err(|e| Failure::Usage(e.to_string()))?;
    let counter = signed.reading().counter;
    out.say(format!("reading {counter} of device {}", signed.device()));
    match &args.output {
        Some(path) => write(path, signed.bytes(), PUBLIC, true),
        None => out.raw(signed.bytes()),
    }
}

pub(super) fn check(args: &CheckArgs, client: &Client, out: &mut Output) -> eyre::Result<()> {
    let bytes = read(&args.file, ENVELOPE_BYTES_MAX as u64)?;
    let envelope = Envelope::parse(&bytes).map_err(|e| Failure::Integrity(e.to_string()))?;
    let (signer, device) = (envelope.device(), envelope.subject());
    let (key, asked) = match &args.key {
        Some(key) => (key.clone(), false),
        None => (client.device_key(signer)?, true),
    };
    let verified = envelope.verify(&key);
    verified.map_err(|e| Failure::Integrity(e.to_string()))?;
    let (of_device, of_signer) = if asked {
        let of = |id| client.device_standing(id, 0).map(standing);
        (Some(of(device)?.to_owned()), Some(of(signer)?.to_owned()))
    } else {
        (None, None)
    };
    let checked = Checked {
        device,
        signer,
        told: shown(envelope.reading()),
        standing: of_device,
        signer_standing: of_signer,
    };
    out.result(&checked, |checked| {
        let mut lines = vec![format!("signed by device {}", checked.signer)];
        if checked.device != checked.signer {
            lines.push(format!("for device {}", checked.device));
        }
        lines.extend(checked.standing.iter().map(|s| format!("standing: {s}")));
        lines.push(checked.told.text());
        lines.join("\n")
    })
}
