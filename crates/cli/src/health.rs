//! `commonhold health`: the verb is the application's ([`commonhold_health_client::command`]).

use commonhold_health_client::{abis, command};

use crate::{
    application::{self, ViaArgs},
    output::Output,
};

/// Health records, genomes, trial data and wearables: what they hold, and how they are shared.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    via: ViaArgs,
    #[command(flatten)]
    command: command::Args,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    application::run("health", abis, &args.via, out, |session| {
        command::run(&args.command, session)
    })
}
