//! `commonhold energy`: the verb is the application's ([`commonhold_energy_client::command`]).

use commonhold_energy_client::command;

use crate::{application, output::Output};

/// Green power among neighbours: what order books, keys and tariffs come to.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    command: command::Args,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    application::give(&command::run(&args.command)?, out)
}
