//! `commonhold works`: the verb is the application's ([`commonhold_works_client::command`]).

use commonhold_works_client::command;

use crate::{application, output::Output};

/// Construction in telecommunications: what evidence says, what follows, what is paid, what it says of people.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    command: command::Args,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    application::give(&command::run(&args.command)?, out)
}
