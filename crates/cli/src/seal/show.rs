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

/// Show the seal key, how many members open what is sealed to it, and each member's place.
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
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    place: usize,
    name: String,
    public_key: B256,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let (genesis, of) = match (&args.genesis, &args.network_key) {
        (Some(path), _) => (read_genesis(path)?, path.display().to_string()),
        (None, Some(key)) => {
            let client = args.rpc.client()?;
            let genesis = client.proven_genesis(&network_key(key)?)?;
            (genesis, client.url().to_string())
        }
        (None, None) => {
            let client = args.rpc.client()?;
            (client.genesis()?, client.url().to_string())
        }
    };
    let group = group(&genesis)?.ok_or_else(|| {
        Failure::Refused(format!(
            "{of} has no seal key: before a network begins, its members make one with `commonhold seal \
             ceremony`"
        ))
    })?;
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
        format!("{head}\n{}", columns(&rows))
    })
}
