//! `commonhold network`: the founding of a network by equals. One file per verb.

use std::{fs, io::Read as _, path::Path};

use clap::Subcommand;
use commonhold_primitives::application::{Application, FOUNDING};
use eyre::WrapErr as _;

use crate::{exit::Failure, files, limits::MEMBER_FILE_BYTES_MAX, output::Output};

mod assemble;
mod check;
mod identity;
mod keys;
mod sign;

/// Found a network: each member makes its identity, all check and sign one document, and make the keys.
#[derive(clap::Args)]
#[command(after_help = "\
The founding, in this order (docs/founding.md):
  commonhold network identity -o member --name North --endpoint north.example:9701 --new-account
  commonhold network assemble north.json east.json … -o founding.json --name Care --chain-id 7101 \\
    --not-before 2026-12-01T09:00:00Z                                 # anyone, once
  commonhold network check founding.json --config member/config.toml  # every member
  commonhold network sign founding.json --config member/config.toml -o north.sig.json
  commonhold network signatures founding.json *.sig.json              # who has signed
  commonhold network keys --founding founding.json --config member/config.toml  # all, at one time
  commonhold node --config member/config.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Identity(identity::Args),
    Assemble(assemble::Args),
    Check(check::Args),
    Sign(sign::Args),
    Signatures(sign::Signatures),
    Keys(keys::Args),
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    match &args.verb {
        Verb::Identity(args) => identity::run(args, out),
        Verb::Assemble(args) => assemble::run(args, out),
        Verb::Check(args) => check::run(args, out),
        Verb::Sign(args) => sign::run(args, out),
        Verb::Signatures(args) => sign::signatures(args, out),
        Verb::Keys(args) => keys::run(args, out),
    }
}

/// Reads a small file that a member handed around.
fn read_small(path: &Path) -> eyre::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let failed = |e: std::io::Error| Failure::Usage(format!("cannot read {}: {e}", path.display()));
    fs::File::open(path)
        .map_err(failed)?
        .take(MEMBER_FILE_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 == MEMBER_FILE_BYTES_MAX {
        let why = format!("{} exceeds MEMBER_FILE_BYTES_MAX", path.display());
        return Err(Failure::Integrity(why).into());
    }
    Ok(bytes)
}

/// Reads a member's application and checks its proof.
fn read_application(path: &Path) -> eyre::Result<Application> {
    Application::parse(&read_small(path)?, FOUNDING).wrap_err_with(|| path.display().to_string())
}

/// The port of an endpoint.
fn port(endpoint: &str) -> Option<u16> {
    endpoint.rsplit_once(':')?.1.parse().ok()
}

/// Refuses to write over anything.
fn ensure_free(path: &Path) -> eyre::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => {
            let why = format!("{} exists already; nothing is overwritten", path.display());
            Err(Failure::Refused(why).into())
        }
        Err(_) => Ok(()),
    }
}

/// Writes a public file where there is none.
fn write_new(path: &Path, content: &[u8]) -> eyre::Result<()> {
    ensure_free(path)?;
    files::write(path, content, files::PUBLIC, false)
}

/// A document as JSON for people: indented, with a newline at its end.
fn pretty(document: &impl serde::Serialize) -> eyre::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    Ok(text)
}
