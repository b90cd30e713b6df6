//! The verb `commonhold energy`, for the binary to hang in.

use std::path::PathBuf;

use alloy_primitives::B256;
use clap::Subcommand;
use commonhold_energy_contract::{
    clearing::Fraction,
    limits::ROUNDS_MAX,
    settlement::{Fees, Tariff},
    sharing::Key,
};
use commonhold_session::{Answer, Refused, Session};

use crate::{
    clear, community, import, months,
    simulate::{self, Mode},
    tariff_files,
    verbs::{
        self,
        rules::{ModeArg, fraction, weight},
    },
};

/// Green power among neighbours: metered, cleared, settled, certified, audited.
#[derive(clap::Args)]
#[group(skip)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Clear order books as the ledger clears a slot: one price, the greatest volume, checked.
    #[command(after_help = "\
Examples:
  commonhold energy clear book.json
  commonhold energy clear books.csv --k 1/3 --json")]
    Clear {
        /// The books: JSON with one or many, or CSV.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where the price lies between its bounds: 0 favours buyers, 1 sellers.
        #[arg(long, value_name = "FRACTION", default_value = "1/2", value_parser = fraction)]
        k: Fraction,
        /// What decides ties, as a slot's key on the ledger does [default: each book's name].
        #[arg(long, value_name = "HEX")]
        key: Option<B256>,
    },
    /// Run a community's slots under an auction and sharing keys, and other fees and tariffs.
    #[command(after_help = "\
Examples:
  commonhold energy simulate samples/energy/street --mode auction
  commonhold energy simulate samples/energy/street --mode static --weight anna=3 --weight bert=0
  commonhold energy simulate DIR --retail 300000 --feed-in 80000 --network-fee 100000 --mode auction")]
    Simulate(Box<SimulateArgs>),
    /// Read a load profile and say what it holds, or where and why it is refused.
    Inspect {
        /// CSV, or Green Button (ESPI) XML.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Take a table in which times are missing, and tell which.
        #[arg(long)]
        gaps: bool,
    },
    Community(verbs::community::Args),
    Join(verbs::membership::Join),
    Limits(verbs::membership::Limits),
    Deposit(verbs::membership::Deposit),
    Withdraw(verbs::membership::Withdraw),
    Leave(verbs::membership::Leave),
    Import(verbs::import::Args),
    Correct(verbs::correct::Correct),
    Dispute(verbs::correct::Dispute),
    Settle(verbs::settle::Args),
    Replay(Box<verbs::replay::Args>),
    Market(verbs::market::Args),
    Bill(Box<verbs::bill::Args>),
    Certificates(Box<verbs::certificates::Args>),
    Audit(verbs::audit::Args),
}

#[derive(clap::Args)]
struct SimulateArgs {
    /// The community: a folder with `community.json` and a table of each home.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// One month, by the offset of the community's first slot.
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["from", "to"])]
    month: Option<String>,
    /// The first slot [default: 0].
    #[arg(long, value_name = "SLOT")]
    from: Option<u64>,
    /// The slot after the last [default: all].
    #[arg(long, value_name = "SLOT")]
    to: Option<u64>,
    /// Only this mode; as often as needed [default: all].
    #[arg(long = "mode", value_name = "MODE", value_enum)]
    modes: Vec<ModeArg>,
    /// Rounds of the hybrid key.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=ROUNDS_MAX as i64))]
    rounds: u8,
    /// Where an auction's price lies between its bounds.
    #[arg(long, value_name = "FRACTION", default_value = "1/2", value_parser = fraction)]
    k: Fraction,
    /// What a home weighs under the static, hybrid and priority keys; as often as needed [default: as the folder
    /// says, or 1].
    #[arg(long = "weight", value_name = "HOME=WEIGHT", value_parser = weight)]
    weights: Vec<(String, u16)>,
    /// A file of tariffs [default: tariffs.json in the folder or beside it].
    #[arg(long, value_name = "FILE")]
    tariffs: Option<PathBuf>,
    /// Only this tariff of the file; as often as needed [default: all].
    #[arg(long = "tariff", value_name = "NAME")]
    names: Vec<String>,
    /// What the supplier takes, micro-currency per kWh, in the place of a file.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "feed_in",
        allow_hyphen_values = true
    )]
    #[arg(conflicts_with_all = ["tariffs", "names"])]
    retail: Option<i64>,
    /// What the supplier gives.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "retail",
        allow_hyphen_values = true
    )]
    feed_in: Option<i64>,
    /// What the network operator takes of a buyer.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "retail",
        allow_hyphen_values = true
    )]
    network_fee: Option<i64>,
    /// What the community takes.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "retail",
        allow_hyphen_values = true
    )]
    community_fee: Option<i64>,
    /// Taxes and levies.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "retail",
        allow_hyphen_values = true
    )]
    levy: Option<i64>,
}

/// Runs the command.
///
/// # Errors
/// [`Refused`].
pub fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    match &args.verb {
        Verb::Clear { file, k, key } => {
            let cleared = clear::clear_file(file, *k, *key)
                .map_err(|refusal| Refused::file(file, &refusal))?;
            let failed = cleared
                .books
                .iter()
                .filter(|book| !book.linear_check)
                .count();
            let mut answer = Answer::of(&cleared, cleared.text())?;
            answer.refused = (failed != 0).then(|| format!("{failed} books fail the check"));
            Ok(answer)
        }
        Verb::Simulate(args) => simulated(args),
        Verb::Inspect { file, gaps } => {
            let report =
                import::inspect(file, *gaps).map_err(|refusal| Refused::file(file, &refusal))?;
            Answer::of(&report, report.text())
        }
        Verb::Community(args) => verbs::community::run(args, session),
        Verb::Join(args) => verbs::membership::join(args, session),
        Verb::Limits(args) => verbs::membership::limits(args, session),
        Verb::Deposit(args) => verbs::membership::deposit(args, session),
        Verb::Withdraw(args) => verbs::membership::withdraw(args, session),
        Verb::Leave(args) => verbs::membership::leave(args, session),
        Verb::Import(args) => verbs::import::run(args, session),
        Verb::Correct(args) => verbs::correct::correct(args, session),
        Verb::Dispute(args) => verbs::correct::dispute(args, session),
        Verb::Settle(args) => verbs::settle::run(args, session),
        Verb::Replay(args) => verbs::replay::run(args, session),
        Verb::Market(args) => verbs::market::run(args, session),
        Verb::Bill(args) => verbs::bill::run(args, session),
        Verb::Certificates(args) => verbs::certificates::run(args, session),
        Verb::Audit(args) => verbs::audit::run(args, session),
    }
}

fn simulated(args: &SimulateArgs) -> eyre::Result<Answer> {
    let refused = |what: String| Refused(what);
    let mut community = community::read(&args.dir).map_err(|e| refused(e.to_string()))?;
    for (name, weight) in &args.weights {
        let home = community.homes.iter_mut().find(|home| home.name == *name);
        let home = home.ok_or_else(|| refused(format!("there is no home {name}")))?;
        home.weight = *weight;
    }
    let regimes = regimes(args)?;
    let slots = community
        .homes
        .first()
        .map_or(0, |home| home.slots.len() as u64);
    let window = match &args.month {
        Some(month) => months::window(&community, month).map_err(|e| refused(e.into()))?,
        None => (args.from.unwrap_or(0), args.to.unwrap_or(slots)),
    };
    let wanted = |mode: &ModeArg| args.modes.is_empty() || args.modes.contains(mode);
    let modes: Vec<Mode> = ModeArg::ALL
        .into_iter()
        .filter(wanted)
        .map(|mode| match mode {
            ModeArg::Auction => Mode::Auction(args.k),
            ModeArg::Static => Mode::Share(Key::Static),
            ModeArg::Hybrid => Mode::Share(Key::Hybrid {
                rounds: args.rounds,
            }),
            ModeArg::Dynamic => Mode::Share(Key::Dynamic),
            ModeArg::Priority => Mode::Share(Key::Priority),
        })
        .collect();
    let found = simulate::simulate(&community, window, &regimes, &modes)
        .map_err(|e| refused(e.to_string()))?;
    Answer::of(&found, found.text())
}

fn regimes(args: &SimulateArgs) -> eyre::Result<Vec<community::Regime>> {
    if let Some((retail, feed_in)) = args.retail.zip(args.feed_in) {
        let regime = community::Regime {
            name: "own".to_owned(),
            tariff: Tariff { retail, feed_in },
            fees: Fees {
                network: args.network_fee.unwrap_or_default(),
                community: args.community_fee.unwrap_or_default(),
                levy: args.levy.unwrap_or_default(),
            },
        };
        if !regime.bounded() {
            let what = "a price or fee lies beyond PRICE_MICRO_MAX (see commonhold limits)";
            return Err(Refused(what.to_owned()).into());
        }
        return Ok(vec![regime]);
    }
    let mut regimes = tariff_files::read(&args.dir, args.tariffs.as_deref())?;
    if !args.names.is_empty() {
        if let Some(unknown) = args
            .names
            .iter()
            .find(|name| regimes.iter().all(|regime| regime.name != **name))
        {
            return Err(Refused(format!("there is no tariff {unknown}")).into());
        }
        regimes.retain(|regime| args.names.contains(&regime.name));
    }
    Ok(regimes)
}
