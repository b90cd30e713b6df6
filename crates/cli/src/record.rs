//! `commonhold record`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use clap::Subcommand;
use commonhold_sdk::{
    Account, Client, Records, SdkError,
    records::{Page, PutOptions},
};
use serde::Serialize;

use crate::{
    client::{Bar, RpcArgs, network_key, who},
    output::{Output, columns},
    time,
    wallet::WalletArgs,
};

/// Put in, get out, share and look after records.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    rpc: RpcArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Encrypt a file, store it and register it; gives the record's id.
    Put {
        /// The file.
        file: PathBuf,
        /// What it is, as a media type or in your own words of a-z 0-9 . + - _ /
        #[arg(
            long,
            short,
            value_name = "KIND",
            default_value = "application/octet-stream"
        )]
        kind: String,
        /// The record that this one replaces.
        #[arg(long, value_name = "ID")]
        supersedes: Option<B256>,
        /// The contract that decides who may read it, instead of you.
        #[arg(long, value_name = "ADDRESS")]
        policy: Option<Address>,
    },
    /// Fetch a record, check it against the ledger and decrypt it.
    Get {
        /// The record.
        id: B256,
        /// Where to; - is standard output.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Leave it encrypted for your key: a file for any Crypt4GH tool.
        #[arg(long)]
        encrypted: bool,
        /// Do not trust the node: have what the ledger says proven with this network key.
        #[arg(
            long,
            value_name = "HEX",
            env = "COMMONHOLD_NETWORK_KEY",
            hide_env_values = true
        )]
        network_key: Option<String>,
    },
    /// List your records and those that others let you read.
    List,
    /// Show what the ledger has of a record, and who may read it.
    Show {
        /// The record.
        id: B256,
    },
    /// Let somebody read a record.
    Grant {
        /// The record.
        id: B256,
        /// Whom: an address, an account of your keystore, or a handle.
        #[arg(long, value_name = "WHO")]
        to: String,
        /// From when on: 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h or +90m [default: now].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        from_time: Option<u64>,
        /// Until when [default: until revoked].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        until: Option<u64>,
    },
    /// Take somebody's right to read a record back.
    Revoke {
        /// The record.
        id: B256,
        /// Whose: an address, an account of your keystore, or a handle.
        #[arg(long, value_name = "WHO")]
        from: String,
    },
    /// Tell what was done with a record, oldest first.
    Log {
        /// The record.
        id: B256,
    },
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let client = args.rpc.client()?;
    let open = || args.wallet.open();
    match &args.verb {
        Verb::Put {
            file,
            kind,
            supersedes,
            policy,
        } => {
            let (supersedes, policy) = (*supersedes, *policy);
            let options = PutOptions {
                kind: kind.clone(),
                supersedes,
                policy,
                custodian: None,
            };
            let account = open()?;
            let put = Records::new(&client, &account).put(file, &options, &Bar::new(out))?;
            let done = Done::of(put.id, &put.receipt);
            out.result(&done, |done| done.id.to_string())
        }
        Verb::Get {
            id,
            output,
            encrypted,
            network_key: key,
        } => {
            let account = open()?;
            let mut records = Records::new(&client, &account);
            if let Some(key) = key {
                records = records.proven_by(network_key(key)?);
            }
            get(&records, *id, output, *encrypted, out)
        }
        Verb::List => list(&client, &open()?, out),
        Verb::Show { id } => show(&client, *id, out),
        Verb::Grant {
            id,
            to,
            from_time,
            until,
        } => {
            let grantee = who(to, &args.wallet.keystore()?, &client, out)?;
            let account = open()?;
            let (from, until) = (from_time.unwrap_or(0), until.unwrap_or(0));
            let receipt = Records::new(&client, &account).grant(*id, grantee, from, until)?;
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Revoke { id, from } => {
            let grantee = who(from, &args.wallet.keystore()?, &client, out)?;
            let account = open()?;
            let receipt = Records::new(&client, &account).revoke(*id, grantee)?;
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Log { id } => log(&client, *id, out),
    }
}

/// What a step on the ledger gave.
#[derive(Serialize)]
struct Done {
    id: B256,
    transaction: B256,
    block: Option<u64>,
}

impl Done {
    fn of(id: B256, receipt: &TransactionReceipt) -> Self {
        Self {
            id,
            transaction: receipt.transaction_hash,
            block: receipt.block_number,
        }
    }
}

fn get(
    records: &Records<'_>,
    id: B256,
    output: &Path,
    encrypted: bool,
    out: &mut Output,
) -> eyre::Result<()> {
    // Nothing is let out before all of it was checked: standard output gets it from a file.
    let aside = tempfile::tempdir()?;
    let stdout = output.as_os_str() == "-";
    let target = if stdout {
        aside.path().join("content")
    } else {
        output.to_path_buf()
    };
    let bytes = if encrypted {
        records.get_encrypted(id, &target, &Bar::new(out))?
    } else {
        records.get(id, &target, &Bar::new(out))?
    };
    if stdout {
        out.copy(&mut fs::File::open(&target)?)
    } else {
        out.say(format!("{bytes} bytes in {}", output.display()));
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: B256,
    owner: Address,
    kind: String,
    registered_at: u64,
    block: u64,
    length: u64,
    content_hash: B256,
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Address>,
    mine: bool,
}

fn list(client: &Client, account: &Account, out: &mut Output) -> eyre::Result<()> {
    let records = Records::new(client, account);
    let mut ids = all(|from| records.mine(from))?;
    ids.extend(all(|from| records.shared_with_me(from))?);
    let mut entries = Vec::new();
    let progress = out.progress(ids.len() as u64, "Reading");
    for id in ids {
        entries.push(entry(&records, id, account.address())?);
        progress.inc(1);
    }
    progress.finish_and_clear();
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            let whose = if e.mine {
                "mine".into()
            } else {
                e.owner.to_string()
            };
            vec![
                e.id.to_string(),
                time::show(e.registered_at),
                e.kind.clone(),
                whose,
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

fn entry(records: &Records<'_>, id: B256, me: Address) -> Result<Entry, SdkError> {
    let record = records.show(id)?;
    let some = |id: B256| (!id.is_zero()).then_some(id);
    Ok(Entry {
        id,
        owner: record.owner,
        kind: record.kind,
        registered_at: record.registeredAt,
        block: record.registeredIn,
        length: record.length,
        content_hash: record.contentHash,
        supersedes: some(record.supersedes),
        superseded_by: some(record.supersededBy),
        policy: (!record.policy.is_zero()).then_some(record.policy),
        mine: record.owner == me,
    })
}

/// Every entry of a paged list.
fn all<T>(page: impl Fn(u64) -> Result<Page<T>, SdkError>) -> Result<Vec<T>, SdkError> {
    let mut items = Vec::new();
    loop {
        let next = page(items.len() as u64)?;
        let ended = next.items.is_empty();
        items.extend(next.items);
        if ended || items.len() as u64 >= next.total {
            return Ok(items);
        }
    }
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    entry: Entry,
    grants: Vec<Grant>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    grantee: Address,
    not_before: u64,
    until: u64,
    revoked_at: u64,
}

fn show(client: &Client, id: B256, out: &mut Output) -> eyre::Result<()> {
    // Reading the ledger needs nobody in particular.
    let nobody = Account::random();
    let records = Records::new(client, &nobody);
    let grants = all(|from| records.grants(id, from))?
        .into_iter()
        .map(|grant| Grant {
            grantee: grant.grantee,
            not_before: grant.notBefore,
            until: grant.until,
            revoked_at: grant.revokedAt,
        });
    let shown = Shown {
        entry: entry(&records, id, nobody.address())?,
        grants: grants.collect(),
    };
    out.result(&shown, |Shown { entry, grants }| {
        let mut rows = vec![
            vec!["id".into(), entry.id.to_string()],
            vec!["owner".into(), entry.owner.to_string()],
            vec!["kind".into(), entry.kind.clone()],
            vec!["registered".into(), time::show(entry.registered_at)],
            vec!["block".into(), entry.block.to_string()],
            vec!["encrypted bytes".into(), entry.length.to_string()],
            vec!["BLAKE3".into(), format!("{:x}", entry.content_hash)],
        ];
        let mut add = |name: &str, value: Option<String>| {
            rows.extend(value.map(|value| vec![name.to_owned(), value]));
        };
        add("replaces", entry.supersedes.map(|id| id.to_string()));
        add("replaced by", entry.superseded_by.map(|id| id.to_string()));
        add("policy", entry.policy.map(|policy| policy.to_string()));
        for grant in grants {
            add(
                "reader",
                Some(format!("{}, {}", grant.grantee, period(grant))),
            );
        }
        columns(&rows)
    })
}

fn period(grant: &Grant) -> String {
    match grant {
        Grant {
            revoked_at: 1.., ..
        } => format!("revoked {}", time::show(grant.revoked_at)),
        Grant { until: 0, .. } => format!("from {}", time::show(grant.not_before)),
        _ => format!(
            "from {} until {}",
            time::show(grant.not_before),
            time::show(grant.until)
        ),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    time: u64,
    block: u64,
    action: String,
    actor: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<B256>,
}

fn log(client: &Client, id: B256, out: &mut Output) -> eyre::Result<()> {
    let nobody = Account::random();
    let records = Records::new(client, &nobody);
    let record = records.show(id)?;
    let mut lines = vec![Line {
        time: record.registeredAt,
        block: record.registeredIn,
        action: "registered".into(),
        actor: record.owner,
        subject: None,
        detail: None,
    }];
    lines.extend(
        all(|from| records.log(id, from))?
            .into_iter()
            .map(|entry| Line {
                time: entry.time,
                block: entry.blockNumber,
                action: format!("{:?}", entry.action).to_lowercase(),
                actor: entry.actor,
                subject: (!entry.subject.is_zero()).then_some(entry.subject),
                detail: (!entry.detail.is_zero()).then_some(entry.detail),
            }),
    );
    out.result(&lines, |lines| {
        let row = |l: &Line| {
            let subject = l.subject.map(|s| s.to_string()).unwrap_or_default();
            vec![
                time::show(l.time),
                l.actor.to_string(),
                l.action.clone(),
                subject,
            ]
        };
        columns(&lines.iter().map(row).collect::<Vec<_>>())
    })
}
