//! `commonhold works`: the verb is the application's ([`commonhold_works_client::command`]).

use commonhold_works_client::{abis, command};

use crate::{
    application::{self, ViaArgs},
    output::Output,
};

/// Construction in telecommunications: what evidence says, what follows, what is paid, what it says of people.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    via: ViaArgs,
    #[command(flatten)]
    command: command::Args,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    application::run("works", abis, &args.via, out, |session| {
        command::run(&args.command, session)
    })
}
