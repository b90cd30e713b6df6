//! `commonhold record`.

mod opening;
mod reading;

pub(crate) use opening::purpose;

use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use clap::Subcommand;
use commonhold_sdk::{
    Account, Client, Records,
    records::{Form, PutOptions, Terms},
};
use serde::Serialize;

use crate::{
    client::{Bar, RpcArgs, network_key, who},
    output::Output,
    time,
    wallet::WalletArgs,
};

pub(crate) use opening::purpose as code;

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

/// Whether the node is trusted.
#[derive(clap::Args)]
struct ProofArgs {
    /// Do not trust the node: have what the ledger says proven with this network key.
    #[arg(
        long,
        value_name = "HEX",
        env = "COMMONHOLD_NETWORK_KEY",
        hide_env_values = true
    )]
    network_key: Option<String>,
}

impl ProofArgs {
    /// `account`'s dealings with records, proven where a network key is given.
    fn records<'a>(&self, client: &'a Client, account: &'a Account) -> eyre::Result<Records<'a>> {
        let records = Records::new(client, account);
        Ok(match &self.network_key {
            Some(key) => records.proven_by(network_key(key)?),
            None => records,
        })
    }
}

#[derive(Subcommand)]
enum Verb {
    /// Encrypt a file, store it and register it; gives the record's id.
    #[command(after_help = "\
Examples:
  commonhold record put visit.json --kind application/fhir+json --account alice
  ID=$(commonhold record put scan.dcm --kind application/dicom)
  ID=$(commonhold record put genome.vcf --kind text/vcf --seal)
  ID=$(commonhold record put bid.pdf --kind application/pdf --until 2026-12-31T12:00:00Z)")]
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
        /// Seal its key to the network: whom the ledger lets in can open it while you are away, and
        /// no single node can.
        #[arg(long)]
        seal: bool,
        /// Seal its key to a time: it opens for everyone then, and for nobody before.
        #[arg(long, value_name = "TIME", value_parser = time::parse, conflicts_with_all = ["seal", "supersedes"])]
        until: Option<u64>,
        /// The file is a Crypt4GH file for your key (see account export): take it in as it is.
        #[arg(long)]
        c4gh: bool,
        #[command(flatten)]
        proof: ProofArgs,
    },
    /// Fetch a record, check it against the ledger and decrypt it.
    #[command(after_help = "\
Examples:
  commonhold record get $ID -o visit.json --account bob
  commonhold record get $ID -o - | jq .
  commonhold record get $ID -o visit.c4gh --c4gh   # see account export")]
    Get {
        /// The record.
        id: B256,
        /// Where to; - is standard output.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Leave it encrypted for your key: a file for any Crypt4GH tool.
        #[arg(long, alias = "encrypted")]
        c4gh: bool,
        #[command(flatten)]
        proof: ProofArgs,
    },
    /// Ask the ledger to open a sealed record, and decrypt it with what the members answer.
    ///
    /// The ledger keeps that you asked, what for, and whether it let you.
    #[command(after_help = "\
Examples:
  commonhold record open $ID -o genome.vcf --purpose HRESCH --account bob
  commonhold record open $ID -o genome.vcf.c4gh --c4gh   # see account export")]
    Open {
        /// The record.
        id: B256,
        /// Where to; - is standard output.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Leave it encrypted for your key: a file for any Crypt4GH tool.
        #[arg(long)]
        c4gh: bool,
        /// What for: up to 32 letters, a code such as TREAT or HRESCH; or 32 bytes in hex.
        #[arg(long, value_name = "WHY", default_value = "", value_parser = opening::purpose)]
        purpose: B256,
        #[command(flatten)]
        proof: ProofArgs,
    },
    /// List your records and those that others let you read.
    List,
    /// Show what the ledger has of a record, and who may read it.
    Show {
        /// The record.
        id: B256,
    },
    /// Let somebody read a record.
    #[command(after_help = "\
Examples:
  commonhold record grant $ID --to bob --until +30d
  commonhold record grant $ID --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
  commonhold record grant $ID --to bob --uses 1      # of a sealed record")]
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
        /// How many times, where the record is sealed [default: as often as they like].
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        uses: Option<u32>,
    },
    /// Take somebody's right to read a record back.
    Revoke {
        /// The record.
        id: B256,
        /// Whose: an address, an account of your keystore, or a handle.
        #[arg(long, value_name = "WHO")]
        from: String,
    },
    /// Erase your record for ever: every member deletes its content and its sealed key.
    ///
    /// Nothing brings it back. What somebody has read they have read; the record itself and its log stay
    /// on the ledger. Content that somebody else registered before you stays too.
    #[command(after_help = "\
Examples:
  commonhold record erase $ID --account alice")]
    Erase {
        /// The record.
        id: B256,
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
            seal,
            until,
            c4gh,
            proof,
        } => {
            let (supersedes, policy) = (*supersedes, *policy);
            let options = PutOptions {
                kind: kind.clone(),
                supersedes,
                policy,
                custodian: None,
                seal: *seal,
                opens_at: until.unwrap_or(0),
                c4gh: *c4gh,
            };
            let account = open()?;
            let records = proof.records(&client, &account)?;
            let put = records.put(file, &options, &Bar::new(out))?;
            let done = Done::of(put.id, &put.receipt);
            out.result(&done, |done| done.id.to_string())
        }
        Verb::Get {
            id,
            output,
            c4gh,
            proof,
        } => {
            let account = open()?;
            let records = proof.records(&client, &account)?;
            get(&records, *id, form(*c4gh), output, out)
        }
        Verb::Open {
            id,
            output,
            c4gh,
            purpose,
            proof,
        } => {
            let account = open()?;
            let records = proof.records(&client, &account)?;
            let request = opening::Request {
                id: *id,
                purpose: *purpose,
                form: form(*c4gh),
                output,
            };
            opening::open(&records, &args.wallet.keystore()?, &request, out)
        }
        Verb::List => reading::list(&client, args.wallet.address()?, out),
        Verb::Show { id } => reading::show(&client, *id, out),
        Verb::Grant {
            id,
            to,
            from_time,
            until,
            uses,
        } => {
            let grantee = who(to, &args.wallet.keystore()?, &client, out)?;
            let account = open()?;
            let (from, until) = (from_time.unwrap_or(0), until.unwrap_or(0));
            let terms = Terms {
                not_before: from,
                until,
                uses: uses.unwrap_or(0),
            };
            let receipt = Records::new(&client, &account).grant(*id, grantee, terms)?;
            let period = reading::period(from, until);
            let times = reading::times(terms.uses);
            out.say(format!("{to} may read it {times}{period}"));
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Revoke { id, from } => {
            let grantee = who(from, &args.wallet.keystore()?, &client, out)?;
            let account = open()?;
            let receipt = Records::new(&client, &account).revoke(*id, grantee)?;
            out.say(format!("{from} may no longer read it"));
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Erase { id } => {
            let account = open()?;
            let receipt = Records::new(&client, &account).erase(*id)?;
            out.say(
                "it is erased: no member hands it out any more, and each deletes what it keeps",
            );
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Log { id } => reading::log(&client, *id, out),
    }
}

const fn form(c4gh: bool) -> Form {
    if c4gh { Form::Encrypted } else { Form::Plain }
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

/// What was fetched.
#[derive(Serialize)]
struct Got<'a> {
    id: B256,
    file: &'a Path,
    bytes: u64,
}

fn get(
    records: &Records<'_>,
    id: B256,
    form: Form,
    output: &Path,
    out: &mut Output,
) -> eyre::Result<()> {
    if output.as_os_str() == "-" {
        // Nothing is let out before all of it was checked: standard output gets it from a file.
        let (mut file, _) = records.open(id, form, &std::env::temp_dir(), &Bar::new(out))?;
        return out.copy(&mut file);
    }
    let bytes = records.get(id, form, output, &Bar::new(out))?;
    out.say(format!("{bytes} bytes in {}", output.display()));
    let file = output;
    out.result(&Got { id, file, bytes }, |_| String::new())
}
