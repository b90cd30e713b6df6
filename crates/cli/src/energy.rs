//! `commonhold energy`: the verb is the application's ([`commonhold_energy_client::command`]).

use commonhold_energy_client::command;

use crate::{exit::Failure, output::Output};

/// Green power among neighbours: what order books, keys and tariffs come to.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    command: command::Args,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let answer = command::run(&args.command)?;
    out.result(&answer.data, |_| answer.text.clone())?;
    match answer.refused {
        Some(why) => Err(Failure::Refused(why).into()),
        None => Ok(()),
    }
}
