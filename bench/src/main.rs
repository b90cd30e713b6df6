//! Measures a built node and prints each figure with its limit and its peers beside it.
//!
//! `make bench` runs everything. Each figure is a line of the table on standard output and a JSON
//! line in `target/bench/`. A figure with a bar says `ok` or `misses`; a miss makes the exit code 1.
//! Ratios and counts carry over from machine to machine; absolute times belong to the one named in the
//! first line.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};

mod container;
mod dealing;
mod energy;
mod gateway;
mod health;
mod joining;
mod load;
mod micro;
mod network;
mod opening;
mod parts;
mod peers;
mod process;
mod release;
mod replica;
mod report;
mod rpc;
mod slot;
mod street;
mod token;
mod wallet;
mod works;

use report::Report;

/// Measure a built node.
#[derive(Parser)]
struct Args {
    /// The binary to measure.
    #[arg(long, default_value = "target/release/commonhold")]
    bin: PathBuf,
    /// What to measure [default: everything].
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Offered transactions per second, step by step.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "100,250,500,1000,2000,4000,6000,8000"
    )]
    rates: Vec<u32>,
    /// Seconds of each step.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Transfers of a full load.
    #[arg(long, default_value_t = 20_000)]
    count: usize,
    /// Accounts of the large state.
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u32,
    /// Meters of the community on four members.
    #[arg(long, default_value_t = 10_000)]
    meters: u32,
    /// The load tool `peerload`, run besides our own load where it is given.
    #[arg(long, env = "PEERLOAD")]
    peerload: Option<PathBuf>,
    /// Foundry's `anvil`, to compare one member with.
    #[arg(long, env = "ANVIL")]
    anvil: Option<PathBuf>,
    /// PyPI's `crypt4gh`, to compare the container with.
    #[arg(long, env = "CRYPT4GH")]
    crypt4gh: Option<PathBuf>,
    /// One step of the container's measurement, in a process of its own.
    #[arg(long, hide = true, num_args = 4)]
    container: Option<Vec<PathBuf>>,
    /// Where the JSON lines go.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// A part of the measurement.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What single steps cost, without a network.
    Micro,
    /// One member's content given to another.
    Replica,
    /// Latency of an idle network of four members.
    Idle,
    /// Four members under rising load.
    Four,
    /// Token transfers beside plain ones, on four members.
    Token,
    /// One member beside anvil.
    One,
    /// Starting with a large state.
    Start,
    /// Joining a network with a large state, under load.
    Join,
    /// Sealed records: the reader's computation, and opening on an idle network.
    Opening,
    /// Crypt4GH beside PyPI's.
    Container,
    /// A gateway with a thousand devices.
    Gateway,
    /// Health records parsed, cut into slices and sealed; decided and handed out.
    Health,
    /// Order books cleared; a slot settled in memory, and on four members.
    Energy,
    /// Traces of a fibre judged, and a long history scored; evidence and documents on four members.
    Works,
}

fn main() -> eyre::Result<ExitCode> {
    let args = Args::parse();
    if let Some([step, key, from, to]) = args.container.as_deref() {
        container::step(&step.to_string_lossy(), key, from, to)?;
        return Ok(ExitCode::SUCCESS);
    }
    eyre::ensure!(
        args.bin.is_file(),
        "{} is not there: build it first",
        args.bin.display()
    );
    let wanted = |part| args.only.is_empty() || args.only.contains(&part);
    let mut report = Report::create(&args.out)?;
    // Everything else is measured against the cost of a signature's recovery, so it comes first.
    let costs = micro::run(&mut report, wanted(Part::Micro))?;
    if wanted(Part::Replica) {
        replica::run(&mut report)?;
    }
    if wanted(Part::Idle) {
        parts::idle(&mut report, &args)?;
    }
    if wanted(Part::Four) {
        parts::four(&mut report, &args, &costs)?;
    }
    if wanted(Part::Token) {
        token::run(&mut report, &args)?;
    }
    if wanted(Part::One) {
        parts::one(&mut report, &args)?;
    }
    if wanted(Part::Start) {
        parts::start(&mut report, &args)?;
    }
    if wanted(Part::Join) {
        joining::run(&mut report, &args)?;
    }
    if wanted(Part::Opening) {
        opening::computation(&mut report)?;
        opening::network(&mut report, &args)?;
    }
    if wanted(Part::Container) {
        container::run(&mut report, &args)?;
    }
    if wanted(Part::Gateway) {
        gateway::run(&mut report, &args)?;
    }
    if wanted(Part::Health) {
        health::run(&mut report)?;
        release::run(&mut report, &args)?;
    }
    if wanted(Part::Works) {
        works::run(&mut report)?;
        dealing::run(&mut report, &args)?;
    }
    if wanted(Part::Energy) {
        energy::run(&mut report)?;
        slot::run(&mut report)?;
        street::run(&mut report, &args)?;
    }
    Ok(match report.finish()? {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
