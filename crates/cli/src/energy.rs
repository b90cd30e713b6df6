//! `commonhold energy`: the verb is the application's ([`commonhold_energy_client::command`]).

use commonhold_energy_client::{abis, command};

use crate::{
    application::{self, Here, ViaArgs},
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
    let answer = {
        let here = Here {
            name: "energy",
            abis,
            via: &args.via,
            out,
        };
        command::run(&args.command, &here)?
    };
    application::give(&answer, out)
}
