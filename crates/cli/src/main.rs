//! `commonhold`: the one binary.
//!
//! One file per verb. Every verb has its arguments (`Args`) and a `run`, which gives what it found as
//! data to standard output, what it has to say as messages to standard error, and an error where it
//! failed; [`exit`] turns errors into exit codes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod account;
mod application;
mod backup;
mod client;
mod completions;
mod config;
mod device;
mod doctor;
mod energy;
mod exit;
mod files;
mod gateway;
mod health;
mod http;
mod key;
mod light;
mod limits;
mod member;
mod network;
mod node;
mod output;
mod reading;
mod record;
mod seal;
mod stamp;
mod stopping;
mod stream;
mod time;
mod token;
mod up;
mod verify;
mod wallet;
mod works;

use output::Output;

/// A consortium ledger of equals: signed at the source, stamped by all.
#[derive(Parser)]
#[command(
    name = "commonhold",
    version,
    max_term_width = 100,
    after_help = "\
Begin with:
  commonhold up --samples                            # four members on this machine
  commonhold account new alice                       # somebody who acts
  commonhold record put visit.json --account alice   # encrypted and registered
  commonhold doctor                                  # if something does not work

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 unavailable, 4 integrity failure."
)]
struct Cli {
    /// Give results as JSON.
    // After what each verb has of its own.
    #[arg(long, global = true, display_order = 900)]
    json: bool,
    /// Say nothing but results and errors.
    #[arg(long, short, global = true, display_order = 901)]
    quiet: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Up(up::Args),
    Node(node::Args),
    Network(Box<network::Args>),
    Account(account::Args),
    Member(Box<member::Args>),
    Record(record::Args),
    Token(token::Args),
    Device(Box<device::Args>),
    Stream(stream::Args),
    Reading(reading::Args),
    Gateway(gateway::Args),
    Health(health::Args),
    Energy(energy::Args),
    Works(works::Args),
    Seal(seal::Args),
    Stamp(stamp::Args),
    Verify(verify::Args),
    Light(light::Args),
    Doctor(doctor::Args),
    Backup(backup::Args),
    Restore(backup::Restore),
    Limits(limits::Args),
    Config(config::Args),
    Completions(completions::Args),
}

fn main() -> ExitCode {
    // A crash must not leave keys in a file.
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let mut out = Output::new(cli.json, cli.quiet);
    let result = match cli.verb {
        Verb::Up(args) => up::run(&args, &mut out),
        Verb::Node(args) => node::run(&args),
        Verb::Network(args) => network::run(&args, &mut out),
        Verb::Account(args) => account::run(&args, &mut out),
        Verb::Member(args) => member::run(&args, &mut out),
        Verb::Record(args) => record::run(&args, &mut out),
        Verb::Token(args) => token::run(&args, &mut out),
        Verb::Device(args) => device::run(&args, &mut out),
        Verb::Stream(args) => stream::run(&args, &mut out),
        Verb::Reading(args) => reading::run(&args, &mut out),
        Verb::Gateway(args) => gateway::run(&args, &mut out),
        Verb::Health(args) => health::run(&args, &mut out),
        Verb::Energy(args) => energy::run(&args, &mut out),
        Verb::Works(args) => works::run(&args, &mut out),
        Verb::Seal(args) => seal::run(&args, &mut out),
        Verb::Stamp(args) => stamp::run(&args, &mut out),
        Verb::Verify(args) => verify::run(&args, &mut out),
        Verb::Light(args) => light::run(&args, &mut out),
        Verb::Doctor(args) => doctor::run(&args, &mut out),
        Verb::Backup(args) => backup::run(&args, &mut out),
        Verb::Restore(args) => backup::restore(&args, &mut out),
        Verb::Limits(args) => limits::run(&args, &mut out),
        Verb::Config(args) => config::run(&args, &mut out),
        Verb::Completions(args) => completions::run(&args, &mut out),
    };
    exit::code(result.and_then(|()| out.finish()))
}
