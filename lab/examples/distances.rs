//! How fast simulated networks of the given sizes are whose members live in ten cities of the world.
//!
//! ```text
//! cargo run --locked --release --package commonhold-lab --example distances -- --rate 100 --seconds 10 4 16 41 100
//! ```
//! The members run the production engine under a load of transfers, calls and registrations, and in every run the
//! promises are checked as after every test. Network and clock are simulated, so the figures are the protocol's and
//! the distances'; what members compute costs no simulated time. A hundred members take the machine a while: every
//! signature is made and checked.

use std::time::{Duration, Instant};

use clap::Parser;
use commonhold_lab::{distances::spread, faults::schedule, founding::found, scenario::Scenario};
use commonhold_primitives::limits::epoch_blocks_min;

/// Measure simulated networks with the distances of the world.
#[derive(Parser)]
struct Args {
    /// Members of each network.
    #[arg(default_values_t = [4, 16, 41, 100])]
    members: Vec<u64>,
    /// Transactions that clients send in a second, all together.
    #[arg(long, default_value_t = 100)]
    rate: u64,
    /// Seconds of load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Megabits per second that each member can send, and receive; 0 for any number.
    #[arg(long, default_value_t = 0)]
    megabits: usize,
    /// Deal the shares anew in epochs of the least length.
    #[arg(long)]
    epochs: bool,
    /// What fixes everything.
    #[arg(long, default_value_t = 1_600)]
    seed: u64,
}

fn main() -> eyre::Result<()> {
    let args = Args::parse();
    println!(
        "members  final p50 / p95  blocks/s  final tx/s  kB per member and block  blocks  machine"
    );
    for members in &args.members {
        let mut founding = found(*members, args.rate.clamp(20, 200));
        if args.epochs {
            let blocks = epoch_blocks_min(*members).try_into()?;
            founding = founding.with_epochs(blocks);
        }
        // On average every client sends so often that all together send at the rate.
        let pause_ms = members.saturating_mul(1_000) / args.rate.max(1);
        let scenario = Scenario {
            crashes: vec![schedule(spread(&founding.keys))],
            founding,
            bandwidth: (args.megabits > 0).then(|| args.megabits.saturating_mul(125_000)),
            transactions: usize::try_from(args.rate.saturating_mul(args.seconds))?,
            pause_ms: pause_ms / 2..(pause_ms.saturating_mul(3) / 2).max(2),
            height: 3,
            limit: Duration::from_secs(args.seconds.saturating_mul(20).max(120)),
            ..Scenario::new()
        };
        let since = Instant::now();
        let outcome = scenario
            .outcome(args.seed)
            .map_err(|why| eyre::eyre!("{members} members: {why}"))?;
        let took = since.elapsed();
        let figures = &outcome.figures;
        println!(
            "{members:>7}  {:>5} / {:>5} ms  {:>8}  {:>10}  {:>23}  {:>6}  {:>5} s",
            figures.percentile(50),
            figures.percentile(95),
            decimal(figures.blocks_per_1000_s()),
            decimal(figures.transactions_per_1000_s()),
            decimal(figures.bytes_per_block()),
            figures.height,
            took.as_secs(),
        );
    }
    Ok(())
}

/// Thousandths, with one digit after the point.
fn decimal(thousandths: u64) -> String {
    let tenths = thousandths / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
