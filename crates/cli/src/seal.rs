//! `commonhold seal`: the key that the network seals to. One file per verb.

use clap::Subcommand;

use crate::output::Output;

mod ceremony;
mod show;

pub(crate) use ceremony::sentence;

/// Make the network's seal key, and look at it.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Ceremony(ceremony::Args),
    Show(show::Args),
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    match &args.verb {
        Verb::Ceremony(args) => ceremony::run(args, out),
        Verb::Show(args) => show::run(args, out),
    }
}
