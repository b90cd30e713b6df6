//! `commonhold stamp`: gets a stamp from a node, and checks it before it is kept.

use std::path::PathBuf;

use alloy_primitives::{Address, B256, U256};
use commonhold_sdk::{
    Client,
    stamp::{Statement, verify},
};

use crate::{
    client::{RpcArgs, network_key},
    exit::Failure,
    files::{PUBLIC, write},
    output::Output,
    verify::Verdict,
};

/// Get a stamp: a small file that convinces anyone, offline.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold stamp --record $ID -o visit.stamp.json   # it is registered
  commonhold stamp $TX | commonhold verify -          # it is final")]
pub(crate) struct Args {
    #[command(flatten)]
    what: What,
    /// Where to; standard output without it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The network's public key, to check the stamp with; without it the node is asked for the key.
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

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Of a final transaction, by its hash.
    #[arg(value_name = "TX")]
    transaction: Option<B256>,
    /// That a record is registered now, or that it is not.
    #[arg(long, value_name = "ID")]
    record: Option<B256>,
    /// That an account (ADDRESS) or a storage slot (ADDRESS:SLOT) is absent now.
    #[arg(long, value_name = "KEY", value_parser = key)]
    absent: Option<(Address, Option<U256>)>,
}

fn key(text: &str) -> Result<(Address, Option<U256>), String> {
    let (address, slot) = match text.split_once(':') {
        Some((address, slot)) => (address, Some(slot)),
        None => (text, None),
    };
    let address = address
        .parse()
        .map_err(|e| format!("{address:?} is not an address: {e}"))?;
    let slot = slot.map(|slot| {
        slot.parse()
            .map_err(|e| format!("{slot:?} is not a slot: {e}"))
    });
    Ok((address, slot.transpose()?))
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let client = args.rpc.client()?;
    let stamp = match &args.what {
        What {
            transaction: Some(hash),
            ..
        } => client.stamp(*hash)?,
        What {
            record: Some(id), ..
        } => client.stamp_record(*id)?,
        What {
            absent: Some((address, slot)),
            ..
        } => client.stamp_state(*address, slot.as_slice())?,
        _ => return Err(Failure::Usage("say what is to be stamped".into()).into()),
    };
    let key = match &args.network_key {
        Some(text) => network_key(text)?,
        None => client.network_key()?,
    };
    let findings = verify(&stamp, &key, client.abis())?;
    check(&args.what, &findings.statement, &client)?;
    for sentence in findings.sentences() {
        out.say(sentence);
    }
    let file = stamp.to_json();
    match &args.output {
        Some(path) => {
            write(path, &file, PUBLIC, true)?;
            out.result(&Verdict::from(findings), |_| String::new())
        }
        None => out.raw(&file),
    }
}

/// Whether the stamp is of what was asked for.
fn check(what: &What, statement: &Statement, client: &Client) -> Result<(), Failure> {
    let other = || Failure::Integrity(format!("{} stamped something else", client.url()));
    match (what, statement) {
        (
            What {
                transaction: Some(hash),
                ..
            },
            Statement::Transaction(found),
        ) => {
            if found.hash == *hash {
                Ok(())
            } else {
                Err(other())
            }
        }
        (
            What {
                record: Some(asked),
                ..
            },
            Statement::Record { id, .. },
        ) => {
            if id == asked {
                Ok(())
            } else {
                Err(other())
            }
        }
        (
            What {
                absent: Some((address, slot)),
                ..
            },
            Statement::State(entries),
        ) => match entries.as_slice() {
            [entry] if entry.address == *address && entry.slot == *slot => {
                if entry.value.is_none() {
                    Ok(())
                } else {
                    Err(Failure::Refused("it is not absent".into()))
                }
            }
            _ => Err(other()),
        },
        _ => Err(other()),
    }
}
