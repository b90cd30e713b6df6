//! `commonhold node`.

use std::{
    io::{self, IsTerminal as _, Read as _},
    path::PathBuf,
    thread,
};

use commonhold_node::config::{Log, LogFormat, load};
use rustix::process::{Signal, getpid, kill_process, umask};
use tracing_subscriber::EnvFilter;

use crate::exit::Failure;

/// Run one member's node until SIGTERM or SIGINT.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    overrides: Overrides,
    /// Download the state of the running network instead of replaying its blocks, where this node has
    /// no state yet.
    #[arg(long)]
    join: bool,
    /// Stop when standard input is closed, so that a node does not outlive who started it.
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

/// Settings given on the command line.
#[derive(clap::Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Overrides {
    /// Where clients are served (http.listen).
    #[arg(long, value_name = "ADDR:PORT")]
    http_listen: Option<String>,
    /// Where other members are listened for (p2p.listen).
    #[arg(long, value_name = "ADDR:PORT")]
    p2p_listen: Option<String>,
    /// Where everything is stored (data).
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// What is logged (log.filter).
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Any setting by its name.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("settings are written name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Overrides {
    /// The settings as pairs of name and value.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let named = [
            ("http.listen", &self.http_listen),
            ("p2p.listen", &self.p2p_listen),
            ("data", &self.data),
            ("log.filter", &self.log),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        named.chain(self.set.iter().cloned()).collect()
    }
}

pub(crate) fn run(args: &Args) -> eyre::Result<()> {
    // What a node stores is nobody else's to read.
    umask(rustix::fs::Mode::from_raw_mode(0o077));
    let config = load(
        Some(&args.config),
        std::env::vars(),
        &args.overrides.pairs(),
    )?
    .config;
    start_log(&config.log)?;
    if args.stop_with_stdin {
        thread::spawn(stop_with_stdin);
    }
    Ok(commonhold_node::run(
        &config,
        commonhold_node::Options { join: args.join },
    )?)
}

/// Ends this process in an orderly way when its standard input ends.
pub(crate) fn stop_with_stdin() {
    let mut sink = [0u8; 256];
    while matches!(io::stdin().read(&mut sink), Ok(n) if n > 0) {}
    let _ = kill_process(getpid(), Signal::TERM);
}

/// Has what happens inside logged to standard error.
pub(crate) fn start_log(log: &Log) -> eyre::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .map_err(|e| Failure::Usage(format!("setting log.filter is invalid: {e}")))?;
    let terminal = io::stderr().is_terminal();
    let json = match log.format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let done = if json {
        builder.json().try_init()
    } else {
        let colour = terminal && std::env::var_os("NO_COLOR").is_none();
        builder.with_ansi(colour).try_init()
    };
    done.map_err(|e| eyre::eyre!("the log cannot be started: {e}"))
}
