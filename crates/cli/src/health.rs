//! `commonhold health`: the verb is the application's ([`commonhold_health_client::command`]).

use commonhold_health_client::command;

use crate::{exit::Failure, output::Output};

pub(crate) use command::Args;

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let answer = command::run(args);
    out.result(&answer, command::Answer::text)?;
    match answer.refused() {
        Some(why) => Err(Failure::Refused(why).into()),
        None => Ok(()),
    }
}
