//! `commonhold network sign` and `commonhold network signatures`.

use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use commonhold_node::{
    config::load,
    founding::{read_draft, sign},
};
use commonhold_primitives::founding::{Approval, Draft};
use eyre::WrapErr as _;
use serde::Serialize;

use super::{ensure_free, pretty, read_small, write_new};
use crate::{
    exit::Failure,
    output::{Output, columns},
};

/// Sign a founding document with this member's identity key. A member signs one.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  commonhold network sign founding.json --config member/config.toml -o north.sig.json")]
pub(crate) struct Args {
    /// The founding document.
    founding: PathBuf,
    /// The configuration of this member's node.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where the signature goes.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Tell who has signed a founding document, and who has not.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  commonhold network signatures founding.json *.sig.json")]
pub(crate) struct Signatures {
    /// The founding document.
    founding: PathBuf,
    /// The members' signatures.
    #[arg(value_name = "SIG.JSON")]
    signatures: Vec<PathBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    name: String,
    #[serde(flatten)]
    approval: Approval,
    file: PathBuf,
}

#[derive(Serialize)]
struct Told {
    hash: B256,
    members: Vec<Member>,
}

#[derive(Serialize)]
struct Member {
    name: String,
    signed: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let config = load(Some(&args.config), std::env::vars(), &[])?.config;
    let draft = read_draft(&args.founding)?;
    ensure_free(&args.output)?;
    let approval = sign(&config, &draft)?;
    let name = draft.check_approval(&approval)?.name.clone();
    write_new(&args.output, &pretty(&approval)?)?;
    let signed = Signed {
        name,
        approval,
        file: args.output.clone(),
    };
    out.say("Send the signature to the other members.");
    out.result(&signed, |signed| {
        columns(&[
            vec!["signed by".into(), signed.name.clone()],
            vec!["hash".into(), signed.approval.founding.to_string()],
            vec!["signature".into(), signed.file.display().to_string()],
        ])
    })
}

/// Reads members' signatures, each of which must be of this document.
pub(super) fn read(draft: &Draft, files: &[PathBuf]) -> eyre::Result<Vec<Approval>> {
    let read = |path: &PathBuf| one(draft, path).wrap_err_with(|| path.display().to_string());
    files.iter().map(read).collect()
}

fn one(draft: &Draft, path: &Path) -> eyre::Result<Approval> {
    let approval = Approval::parse(&read_small(path)?)?;
    draft.check_approval(&approval)?;
    Ok(approval)
}

pub(crate) fn signatures(args: &Signatures, out: &mut Output) -> eyre::Result<()> {
    let draft = read_draft(&args.founding)?;
    let approvals = read(&draft, &args.signatures)?;
    let has = |key| approvals.iter().any(|approval| approval.public_key == key);
    let members = draft.members.iter().map(|member| Member {
        name: member.name.clone(),
        signed: has(member.public_key),
    });
    let told = Told {
        hash: draft.hash(),
        members: members.collect(),
    };
    out.result(&told, |told| {
        let mut rows = vec![vec!["hash".to_owned(), told.hash.to_string()]];
        rows.extend(told.members.iter().map(|member| {
            let signed = if member.signed {
                "has signed"
            } else {
                "has not signed"
            };
            vec![member.name.clone(), signed.to_owned()]
        }));
        columns(&rows)
    })?;
    let lacking: Vec<&str> = told
        .members
        .iter()
        .filter(|member| !member.signed)
        .map(|member| member.name.as_str())
        .collect();
    if lacking.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused(format!("not signed by: {}", lacking.join(", "))).into())
    }
}
