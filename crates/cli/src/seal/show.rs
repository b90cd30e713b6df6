//! `commonhold seal show`.

use std::path::PathBuf;

use alloy_primitives::B256;
use commonhold_node::{read_genesis, seal_share::group};
use serde::Serialize;

use crate::{
    client::{RpcArgs, network_key},
    exit::Failure,
    output::{Output, columns},
};

/// Show the seal key, which founders held it first, and, of a running network, who holds it now and to whom it is
/// dealt for the next epoch.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold seal show genesis.sealed.json     # offline
  commonhold seal show --network-key 0x8a…     # of a node that need not be trusted")]
pub(crate) struct Args {
    /// A genesis document; without one the node is asked.
    genesis: Option<PathBuf>,
    /// Do not trust the node: have what it says proven with this network key.
    #[arg(
        long,
        value_name = "HEX",
        env = "COMMONHOLD_NETWORK_KEY",
        hide_env_values = true
    )]
    network_key: Option<String>,
    #[command(flatten)]
    rpc: RpcArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    seal_key: String,
    threshold: u32,
    genesis_hash: B256,
    members: Vec<Member>,
    /// Of a running network, as its node says; nothing where it joined within the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<Now>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Now {
    since_epoch: u64,
    threshold: u32,
    holders: Vec<B256>,
    next: Vec<B256>,
    node_has_share: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    place: usize,
    name: String,
    public_key: B256,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let (genesis, of, client) = match (&args.genesis, &args.network_key) {
        (Some(path), _) => (read_genesis(path)?, path.display().to_string(), None),
        (None, Some(key)) => {
            let client = args.rpc.client()?;
            let genesis = client.proven_genesis(&network_key(key)?)?;
            (genesis, client.url().to_string(), Some(client))
        }
        (None, None) => {
            let client = args.rpc.client()?;
            (client.genesis()?, client.url().to_string(), Some(client))
        }
    };
    let group = group(&genesis)?.ok_or_else(|| {
        Failure::Refused(format!(
            "{of} has no seal key: before a network begins, its members make one with `commonhold seal \
             ceremony`"
        ))
    })?;
    let now = match client {
        Some(client) => client.seal_holders()?,
        None => None,
    };
    let mut members: Vec<_> = genesis.members.iter().collect();
    members.sort_unstable_by_key(|member| member.public_key);
    let shown = Shown {
        seal_key: group.key().to_string(),
        threshold: group.threshold(),
        genesis_hash: genesis.hash(),
        members: (0..)
            .zip(members)
            .map(|(place, member)| Member {
                place,
                name: member.name.clone(),
                public_key: member.public_key,
            })
            .collect(),
        now: now.map(|now| Now {
            since_epoch: now.epoch,
            threshold: now.threshold,
            holders: now.keys,
            next: now.next,
            node_has_share: now.has_share,
        }),
    };
    out.result(&shown, |shown| {
        let head = columns(&[
            vec!["seal key".into(), shown.seal_key.clone()],
            vec![
                "opened by".into(),
                format!("{} of {} members", shown.threshold, shown.members.len()),
            ],
            vec!["genesis hash".into(), shown.genesis_hash.to_string()],
        ]);
        let mut rows = vec![vec!["place".into(), "member".into(), "identity key".into()]];
        rows.extend(shown.members.iter().map(|member| {
            vec![
                member.place.to_string(),
                member.name.clone(),
                member.public_key.to_string(),
            ]
        }));
        let first = format!("{head}\n{}", columns(&rows));
        match &shown.now {
            Some(now) => format!("{first}\n{}", told(now)),
            None => first,
        }
    })
}

/// Who holds the key now.
fn told(now: &Now) -> String {
    let share = match now.node_has_share {
        true => "this node has its share",
        false => "this node has no share",
    };
    let head = format!(
        "now, in epoch {}: {} of {} open; {share}\n",
        now.since_epoch,
        now.threshold,
        now.holders.len()
    );
    let mut keys: Vec<&B256> = now.holders.iter().chain(&now.next).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut rows = vec![vec![
        "place now".into(),
        "in the next epoch".into(),
        "identity key".into(),
    ]];
    rows.extend(keys.into_iter().map(|key| {
        let place = now.holders.iter().position(|holder| holder == key);
        let next = match now.next.contains(key) {
            true => "yes",
            false => "no",
        };
        vec![
            place.map_or_else(|| "none".into(), |place| place.to_string()),
            next.into(),
            key.to_string(),
        ]
    }));
    format!("{head}{}", columns(&rows))
}
