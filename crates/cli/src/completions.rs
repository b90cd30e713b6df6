//! `commonhold completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::{Cli, output::Output};

/// Print the completion script of a shell.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "commonhold", &mut script);
    out.raw(&script)
}
