//! `commonhold light`: the light client. Nodes are asked, and none is believed.

use std::{
    fs,
    io::{self, Read as _},
    path::PathBuf,
    thread,
    time::{Duration, SystemTime},
};

use alloy_primitives::{Address, B256, U256};
use commonhold_node::modules::modules;
use commonhold_sdk::{
    Authorities, LightClient,
    light::{Head, NodeFault, Told},
    limits::LIGHT_LOOK_MS,
    stamp::{BlockFinding, Findings, Statement},
};
use serde::Serialize;

use crate::{
    exit::Failure,
    files::{PUBLIC, write},
    key::{KeyArgs, missing},
    output::Output,
    stopping,
};

/// Bytes of the file of what was seen.
const REMEMBERED_BYTES_MAX: u64 = 4 * 1024;

/// Follow and ask a network by way of nodes that are not trusted, with its key alone.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold light follow --network-key 0x8a… --rpc http://one:8545 --rpc http://two:8546
  commonhold light receipt $TX           # what became of a transaction, proven
  commonhold light state records 0x7     # a slot of a module, proven, or proven to be absent

A node that lies, lags or does not answer is named, and the next one is asked. That there is nothing
newer, no node can prove: see the head's age, and give several.")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Show the newest final block, checked.
    Head {
        #[command(flatten)]
        network: NetworkArgs,
    },
    /// Show each newer head as it becomes final.
    Follow {
        /// How many; without it until it is stopped.
        #[arg(long, value_name = "N")]
        heads: Option<u64>,
        #[command(flatten)]
        network: NetworkArgs,
    },
    /// Show a final transaction and what it did, proven.
    Receipt {
        /// Its hash.
        #[arg(value_name = "TX")]
        transaction: B256,
        #[command(flatten)]
        network: NetworkArgs,
    },
    /// Show an account or its slots in the newest state, each proven, or proven to be absent.
    State {
        /// An address, or the name of a module.
        #[arg(value_name = "ADDRESS|MODULE", value_parser = account)]
        account: Address,
        /// Storage slots; the account itself without any.
        #[arg(value_name = "SLOT")]
        slots: Vec<U256>,
        #[command(flatten)]
        network: NetworkArgs,
    },
}

#[derive(clap::Args)]
#[command(next_help_heading = "Network")]
struct NetworkArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// A node to ask; several, by saying it again, or with commas between them.
    #[arg(
        long,
        value_name = "URL",
        env = "COMMONHOLD_RPC",
        value_delimiter = ',',
        default_value = "http://localhost:8545",
        hide_env_values = true
    )]
    rpc: Vec<String>,
    /// For nodes at https://: the certificates (PEM) of who may vouch for them, instead of those whom
    /// this machine trusts.
    #[arg(
        long,
        value_name = "FILE",
        env = "COMMONHOLD_RPC_CA",
        hide_env_values = true
    )]
    rpc_ca: Option<PathBuf>,
    /// Keep the newest head that was seen in this file: nothing older is taken for the newest the next time.
    #[arg(long, value_name = "FILE")]
    remember: Option<PathBuf>,
}

/// What a node did instead of answering well.
#[derive(Serialize)]
struct Fault {
    node: String,
    what: String,
}

/// An answer, and who gave it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<T> {
    #[serde(flatten)]
    answer: T,
    /// How old the head is by this machine's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_ms: Option<u64>,
    node: String,
    faults: Vec<Fault>,
}

fn account(text: &str) -> Result<Address, String> {
    if let Some(module) = modules().iter().find(|module| module.name() == text) {
        return Ok(module.address());
    }
    let address = text.parse();
    address.map_err(|e| format!("{text:?} is neither a module nor an address: {e}"))
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    match &args.verb {
        Verb::Head { network } => {
            let mut light = network.client(out)?;
            let told = light.head()?;
            network.keep(&light)?;
            head(told, out)
        }
        Verb::Follow { heads, network } => follow(*heads, network, out),
        Verb::Receipt {
            transaction,
            network,
        } => {
            let mut light = network.client(out)?;
            let told = light.receipt(*transaction)?;
            network.keep(&light)?;
            proven(told, out, |receipt| Findings {
                block: receipt.block.clone(),
                statement: Statement::Transaction(Box::new(receipt.transaction.clone())),
            })
        }
        Verb::State {
            account,
            slots,
            network,
        } => {
            let mut light = network.client(out)?;
            let told = light.state(*account, slots)?;
            network.keep(&light)?;
            proven(told, out, |state| Findings {
                block: state.block.clone(),
                statement: Statement::State(state.entries.clone()),
            })
        }
    }
}

impl NetworkArgs {
    fn client(&self, out: &Output) -> eyre::Result<LightClient> {
        let authorities = match &self.rpc_ca {
            Some(path) => Authorities::from_file(path)?,
            None => Authorities::default(),
        };
        let light = LightClient::new(self.key.key(out)?, &self.rpc, &authorities)?;
        let Some(path) = &self.remember else {
            return Ok(light);
        };
        let opened = match fs::File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(light),
            Err(e) => return Err(missing(path, &e).into()),
        };
        let mut kept = Vec::new();
        opened.take(REMEMBERED_BYTES_MAX).read_to_end(&mut kept)?;
        let seen: BlockFinding = serde_json::from_slice(&kept)
            .map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
        Ok(light.resumed(seen)?)
    }

    fn keep(&self, light: &LightClient) -> eyre::Result<()> {
        let (Some(path), Some(seen)) = (&self.remember, light.seen()) else {
            return Ok(());
        };
        let mut file = serde_json::to_vec_pretty(seen)?;
        file.push(b'\n');
        write(path, &file, PUBLIC, true)
    }
}

fn follow(heads: Option<u64>, network: &NetworkArgs, out: &mut Output) -> eyre::Result<()> {
    let mut light = network.client(out)?;
    let mut shown = 0u64;
    while heads.is_none_or(|heads| shown < heads) {
        let next = light.next_head(|| {
            thread::sleep(Duration::from_millis(LIGHT_LOOK_MS));
            !stopping::asked()
        })?;
        let Some(told) = next else {
            break;
        };
        network.keep(&light)?;
        head(told, out)?;
        shown = shown.saturating_add(1);
        if stopping::asked() {
            break;
        }
    }
    Ok(())
}

/// Says who did not answer well.
fn faults(faults: &[NodeFault], out: &Output) -> Vec<Fault> {
    let tell = |fault: &NodeFault| {
        out.say(fault.to_string());
        Fault {
            node: fault.node.clone(),
            what: fault.to_string(),
        }
    };
    faults.iter().map(tell).collect()
}

fn head(told: Told<Head>, out: &mut Output) -> eyre::Result<()> {
    let age = told.answer.age(SystemTime::now());
    let shown = Shown {
        faults: faults(&told.faults, out),
        age_ms: Some(age.as_millis().try_into().unwrap_or(u64::MAX)),
        node: told.node,
        answer: told.answer,
    };
    out.result(&shown, |shown| {
        let block = &shown.answer.block;
        let (number, hash, node) = (block.number, block.hash, &shown.node);
        format!(
            "block {number} {hash} is final, {:.1} s old, by {node}",
            age.as_secs_f64()
        )
    })
}

fn proven<T: Serialize>(
    told: Told<T>,
    out: &mut Output,
    findings: impl Fn(&T) -> Findings,
) -> eyre::Result<()> {
    let sentences = findings(&told.answer).sentences();
    let shown = Shown {
        faults: faults(&told.faults, out),
        age_ms: None,
        node: told.node,
        answer: told.answer,
    };
    out.result(&shown, |_| sentences.join("\n"))
}
