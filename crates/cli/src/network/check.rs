//! `commonhold network check`.

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use commonhold_node::{
    config::load,
    founding::{check_no_other, member, read_draft},
};
use commonhold_primitives::founding::Draft;
use serde::Serialize;

use super::port;
use crate::{
    output::{Output, columns},
    time,
};

/// Say in words what a founding document founds, and whether this member is in it as it should be.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  commonhold network check founding.json --config member/config.toml")]
pub(crate) struct Args {
    /// The founding document.
    founding: PathBuf,
    /// The configuration of this member's node.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    hash: B256,
    name: String,
    chain_id: u64,
    not_before: u64,
    heartbeat_ms: u64,
    epoch_blocks: u64,
    gas_limit: u64,
    base_fee_per_gas: u64,
    /// How many members certify a block, and open what is sealed.
    quorum: u32,
    members: Vec<Member>,
    allocations: usize,
    /// Whether this member has signed it.
    signed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    name: String,
    endpoint: String,
    account: Address,
    public_key: B256,
    own: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let config = load(Some(&args.config), std::env::vars(), &[])?.config;
    let draft = read_draft(&args.founding)?;
    let (_, own) = member(&config, &draft)?;
    let signed = check_no_other(&config, &draft)?;
    let told = told(&draft, own.public_key, signed);
    out.result(&told, text)?;
    if port(&own.endpoint) != Some(config.p2p.listen.port()) {
        out.say(format!(
            "The others reach this member at {}, and its node listens on {}: something between has to \
             pass that on.",
            own.endpoint, config.p2p.listen
        ));
    }
    out.say(format!(
        "{} is in it as its own application says. Compare the hash with the other members, by voice.",
        own.name
    ));
    Ok(())
}

fn told(draft: &Draft, own: B256, signed: bool) -> Told {
    let member = |member: &commonhold_primitives::application::Application| Member {
        name: member.name.clone(),
        endpoint: member.endpoint.clone(),
        account: member.account,
        public_key: member.public_key,
        own: member.public_key == own,
    };
    Told {
        hash: draft.hash(),
        name: draft.name.clone(),
        chain_id: draft.chain_id,
        not_before: draft.timestamp,
        heartbeat_ms: draft.heartbeat_ms,
        epoch_blocks: draft.epoch_blocks.get(),
        gas_limit: draft.gas_limit,
        base_fee_per_gas: draft.base_fee_per_gas,
        quorum: draft.quorum(),
        members: draft.members.iter().map(member).collect(),
        allocations: draft.alloc.len(),
        signed,
    }
}

fn text(told: &Told) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let count = told.members.len();
    let fee = match told.base_fee_per_gas {
        0 => "none".to_owned(),
        fee => format!("{fee} wei per gas"),
    };
    let head = columns(&[
        row(
            "founds",
            format!("{}, chain id {}", told.name, told.chain_id),
        ),
        row("members", format!("{count}, of equal rights")),
        row(
            "decided by",
            format!(
                "{} of {count}: blocks are certified, and what is sealed is opened",
                told.quorum
            ),
        ),
        row("not before", time::show(told.not_before)),
        row(
            "idle pace",
            format!("a block every {} ms", told.heartbeat_ms),
        ),
        row(
            "epochs",
            format!(
                "of {} blocks: shares are dealt anew, and members can change",
                told.epoch_blocks
            ),
        ),
        row("block gas", told.gas_limit.to_string()),
        row("fees", fee),
        row(
            "allocations",
            format!(
                "{} accounts exist from the first block on",
                told.allocations
            ),
        ),
        row("hash", told.hash.to_string()),
        row(
            "signed here",
            if told.signed { "yes" } else { "no" }.to_owned(),
        ),
    ]);
    let mut rows = vec![vec![
        String::new(),
        "member".into(),
        "endpoint".into(),
        "account".into(),
        "identity key".into(),
    ]];
    rows.extend(told.members.iter().map(|member| {
        vec![
            if member.own { "*" } else { "" }.to_owned(),
            member.name.clone(),
            member.endpoint.clone(),
            member.account.to_string(),
            member.public_key.to_string(),
        ]
    }));
    format!("{head}\n{}", columns(&rows))
}
