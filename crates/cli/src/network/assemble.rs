//! `commonhold network assemble`.

use std::{collections::BTreeMap, fs, num::NonZeroU64, path::PathBuf};

use alloy_primitives::{Address, B256};
use commonhold_primitives::{
    founding::Draft,
    genesis::Allocation,
    limits::{BLOCK_GAS_DEFAULT, EPOCH_BLOCKS_DEFAULT, HEARTBEAT_DEFAULT_MS, epoch_blocks_min},
};
use serde::Serialize;

use super::{read_application, write_new};
use crate::{
    exit::Failure,
    output::{Output, columns},
    time,
};

/// Put the members' files together to one founding document, which all of them check and sign.
///
/// Anyone may do it: the same files and options give the same bytes, in whichever order they are named.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  commonhold network assemble north.json east.json south.json west.json -o founding.json \\
    --name Care --chain-id 7101 --not-before 2026-12-01T09:00:00Z")]
pub(crate) struct Args {
    /// The members' files.
    #[arg(required = true, value_name = "MEMBER.JSON")]
    members: Vec<PathBuf>,
    /// Where the founding document goes.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The network's name.
    #[arg(long)]
    name: String,
    /// EIP-155 chain id: which signed transactions are for this network.
    #[arg(long, value_name = "N")]
    chain_id: u64,
    /// No block is older: 2026-12-01, 2026-12-01T09:00:00Z, or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    not_before: u64,
    /// Milliseconds between blocks when there is nothing to do.
    #[arg(long, value_name = "N", default_value_t = HEARTBEAT_DEFAULT_MS)]
    heartbeat_ms: u64,
    /// Blocks of an epoch: how often the network key's shares are dealt anew, and members can change.
    #[arg(long, value_name = "N")]
    epoch_blocks: Option<NonZeroU64>,
    /// Gas of a block.
    #[arg(long, value_name = "N", default_value_t = BLOCK_GAS_DEFAULT)]
    gas_limit: u64,
    /// Fee per gas, in wei; 0: transactions are free.
    #[arg(long, value_name = "N", default_value_t = 0)]
    base_fee: u64,
    /// Accounts that exist from block 1 on: a JSON file from address to balance, nonce, code, storage.
    #[arg(long, value_name = "FILE")]
    alloc: Option<PathBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    founding: PathBuf,
    hash: B256,
    members: Vec<String>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let members = args
        .members
        .iter()
        .map(|path| read_application(path))
        .collect::<eyre::Result<Vec<_>>>()?;
    let alloc: BTreeMap<Address, Allocation> = match &args.alloc {
        None => BTreeMap::new(),
        Some(path) => {
            let wrong =
                |e: &dyn std::fmt::Display| Failure::Usage(format!("{}: {e}", path.display()));
            let bytes = fs::read(path).map_err(|e| wrong(&e))?;
            serde_json::from_slice(&bytes).map_err(|e| wrong(&e))?
        }
    };
    let count = u64::try_from(members.len()).unwrap_or(u64::MAX);
    let shortest = NonZeroU64::new(EPOCH_BLOCKS_DEFAULT.max(epoch_blocks_min(count)));
    let draft = Draft {
        name: args.name.clone(),
        chain_id: args.chain_id,
        timestamp: args.not_before,
        gas_limit: args.gas_limit,
        base_fee_per_gas: args.base_fee,
        heartbeat_ms: args.heartbeat_ms,
        epoch_blocks: args.epoch_blocks.or(shortest).unwrap_or(NonZeroU64::MIN),
        members,
        alloc,
    };
    let draft = draft.assembled()?;
    write_new(&args.output, &draft.to_bytes())?;
    let told = Told {
        founding: args.output.clone(),
        hash: draft.hash(),
        members: draft.members.iter().map(|m| m.name.clone()).collect(),
    };
    out.say(
        "Send it to every member. Each checks it with `commonhold network check`, and signs it.",
    );
    out.result(&told, |told| {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        columns(&[
            row("hash", told.hash.to_string()),
            row("founding document", told.founding.display().to_string()),
            row("members", told.members.join(", ")),
        ])
    })
}
