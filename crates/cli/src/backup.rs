//! `commonhold backup` and `commonhold restore`.

use std::path::PathBuf;

use commonhold_node::{
    backup::{self, About},
    config::load,
};
use serde::Serialize;

use crate::{
    files,
    output::{Output, columns},
};

/// Write all that makes a member into one encrypted file; the node may run.
///
/// In it are the keys, the share of the seal key, the genesis document and the configuration; nothing of what the
/// member has voted. It is unlocked by what unlocks the member's shares (seal_lock), which is not in it: keep that
/// elsewhere.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold backup --config member/config.toml -o north.backup
  commonhold restore north.backup --lock seal.lock -o member")]
pub(crate) struct Args {
    /// The node's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The backup.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Replace an older one.
    #[arg(long)]
    force: bool,
}

/// Make a member anew from its backup, in a new directory.
///
/// Its node has no store, fetches the state from the other members, and signs nothing before the next epoch: a
/// backup, however old, makes nobody vote twice. Stop the member's other node first, if there is one.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold restore north.backup --lock seal.lock -o member
  commonhold node --config member/config.toml")]
pub(crate) struct Restore {
    /// The backup.
    backup: PathBuf,
    /// What unlocks it: the member's seal_lock.
    #[arg(long, value_name = "FILE")]
    lock: PathBuf,
    /// The member's new directory.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    about: About,
    output: PathBuf,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let config = load(Some(&args.config), std::env::vars(), &[])?.config;
    let (bytes, about) = backup::make(&config)?;
    files::write(&args.output, &bytes, files::PRIVATE, args.force)?;
    out.say(format!(
        "{} unlocks it and is not in it: keep a copy of it elsewhere",
        config.seal_lock.display()
    ));
    give(about, &args.output, out)
}

pub(crate) fn restore(args: &Restore, out: &mut Output) -> eyre::Result<()> {
    let about = backup::restore(&args.backup, &args.lock, &args.output)?;
    out.say(format!(
        "Make sure that no other node runs with this key; then: commonhold node --config {}",
        args.output.join("config.toml").display()
    ));
    give(about, &args.output, out)
}

fn give(about: About, output: &std::path::Path, out: &mut Output) -> eyre::Result<()> {
    let told = Told {
        about,
        output: output.into(),
    };
    out.result(&told, |told| {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        columns(&[
            row("member", told.about.member.to_string()),
            row("network", told.about.network.to_string()),
            row("files", told.about.files.join(", ")),
            row("written", told.output.display().to_string()),
        ])
    })
}
