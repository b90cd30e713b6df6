//! `commonhold energy`: the verb is the application's ([`commonhold_energy_client::command`]).

use commonhold_energy_client::{abis, command};

use crate::{
    application::{self, ViaArgs},
    output::Output,
};

/// Green power among neighbours: metered, cleared, settled, certified, audited.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    via: ViaArgs,
    #[command(flatten)]
    command: command::Args,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    application::run("energy", abis, &args.via, out, |session| {
        command::run(&args.command, session)
    })
}
