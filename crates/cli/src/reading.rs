//! `commonhold reading`: what is in a batch, and the proof of one reading.

use std::path::PathBuf;

use alloy_primitives::B256;
use clap::Subcommand;
use commonhold_sdk::{
    reading::{Batch, DeviceId, Reading, limits::BATCH_BYTES_MAX},
    readings::prove,
};
use serde::Serialize;

use crate::{
    client::{RpcArgs, network_key},
    device::read,
    exit::Failure,
    files::{PUBLIC, write},
    output::{Output, columns},
    time,
};

/// Look into a batch of readings, and prove one of them to anybody.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// List the readings of a batch, which `record open` has fetched.
    #[command(after_help = "\
Examples:
  commonhold record open $RECORD -o batch.cbor && commonhold reading list batch.cbor")]
    List {
        /// The batch.
        file: PathBuf,
    },
    Prove(ProveArgs),
}

/// Make the proof that a reading was anchored: `commonhold verify` checks it, offline.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold reading prove batch.cbor --record $RECORD --index 0 -o reading.proof.json
  commonhold reading prove batch.cbor --record $RECORD --device $DEVICE --counter 12 -o reading.proof.json")]
struct ProveArgs {
    /// The batch, which `record open` has fetched.
    file: PathBuf,
    /// The record that it was fetched from.
    #[arg(long, value_name = "ID")]
    record: B256,
    /// The reading's place in the batch, from 0 on.
    #[arg(
        long,
        value_name = "N",
        required_unless_present = "device",
        conflicts_with = "device"
    )]
    index: Option<u32>,
    /// The device whose reading it is.
    #[arg(long, value_name = "ID", requires = "counter")]
    device: Option<DeviceId>,
    /// The reading's counter.
    #[arg(long, value_name = "N", requires = "device")]
    counter: Option<u64>,
    /// Where to; standard output without it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The network's public key, to check the proof with; without it the node is asked for the key.
    #[arg(
        long,
        value_name = "HEX",
        env = "COMMONHOLD_NETWORK_KEY",
        hide_env_values = true
    )]
    network_key: Option<String>,
    // Last: its heading goes on for what comes after it.
    #[command(flatten)]
    rpc: RpcArgs,
}

/// A reading, for people and programs.
#[derive(Serialize)]
pub(crate) struct Told {
    counter: u64,
    time: u64,
    values: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<String>,
}

#[derive(Serialize)]
struct Value {
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    offset: i32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_zero(offset: &i32) -> bool {
    *offset == 0
}

pub(crate) fn shown(reading: &Reading) -> Told {
    let value = |record: &commonhold_sdk::reading::Record| Value {
        name: record.name.clone(),
        // What a device signed may have been written to mislead a terminal.
        value: record.value.to_string().escape_default().to_string(),
        unit: record.unit.clone(),
        offset: record.offset,
    };
    Told {
        counter: reading.counter,
        time: reading.time,
        values: reading.pack.iter().map(value).collect(),
        nonce: reading.nonce.as_ref().map(alloy_primitives::hex::encode),
        adapter: reading.origin.as_ref().map(|origin| origin.adapter.clone()),
    }
}

impl Told {
    /// In words.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![format!(
            "reading {} of {}",
            self.counter,
            time::show(self.time / 1_000)
        )];
        lines.push(self.values());
        lines.extend(self.nonce.iter().map(|nonce| format!("nonce {nonce}")));
        lines.extend(
            self.adapter
                .iter()
                .map(|adapter| format!("read from a {adapter} message by its gateway")),
        );
        lines.join("\n")
    }

    fn values(&self) -> String {
        let value = |v: &Value| {
            let unit = v.unit.as_ref().map_or(String::new(), |u| format!(" {u}"));
            format!("{} = {}{unit}", v.name, v.value)
        };
        self.values.iter().map(value).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Serialize)]
struct Listed {
    index: usize,
    device: DeviceId,
    received: u64,
    flags: Vec<&'static str>,
    #[serde(flatten)]
    told: Told,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    match &args.verb {
        Verb::List { file } => {
            let batch = Batch::decode(&read(file, BATCH_BYTES_MAX as u64)?)
                .map_err(|e| Failure::Integrity(e.to_string()))?;
            let listed: Vec<_> = batch
                .entries()
                .iter()
                .enumerate()
                .map(|(index, entry)| Listed {
                    index,
                    device: entry.envelope.subject(),
                    received: entry.received,
                    flags: entry.flags.names().collect(),
                    told: shown(entry.envelope.reading()),
                })
                .collect();
            out.result(&listed, |listed| {
                let row = |l: &Listed| {
                    vec![
                        l.index.to_string(),
                        l.device.to_string(),
                        l.told.counter.to_string(),
                        time::show(l.told.time / 1_000),
                        l.told.values(),
                        l.flags.join(", "),
                    ]
                };
                columns(&listed.iter().map(row).collect::<Vec<_>>())
            })
        }
        Verb::Prove(args) => make(args, out),
    }
}

fn make(args: &ProveArgs, out: &mut Output) -> eyre::Result<()> {
    let client = args.rpc.client()?;
    let key = match &args.network_key {
        Some(text) => network_key(text)?,
        None => client.network_key()?,
    };
    let content = read(&args.file, BATCH_BYTES_MAX as u64)?;
    let find = |batch: &Batch| match (args.device, args.counter) {
        (Some(device), Some(counter)) => batch.find(device, counter),
        _ => args.index,
    };
    let document = prove(&client, &key, args.record, &content, find)?;
    let proven = document
        .verify(&key)
        .map_err(commonhold_sdk::SdkError::from)?;
    for sentence in proven.sentences() {
        out.say(sentence);
    }
    let file = document.to_json();
    match &args.output {
        Some(path) => {
            write(path, &file, PUBLIC, true)?;
            out.result(&proven, |_| String::new())
        }
        None => out.raw(&file),
    }
}
