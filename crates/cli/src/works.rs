//! `commonhold works`: the verb is the application's ([`commonhold_works_client::command`]).

use commonhold_works_client::command;

use crate::{exit::Failure, output::Output};

/// Construction in telecommunications: what evidence says, what follows, what is paid, what it says of people.
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
