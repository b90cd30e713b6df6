//! `commonhold energy replay`: a real community's time, played on a network.

use std::path::PathBuf;

use commonhold_session::{Answer, Refused, Session};

use super::{rules::RulesArgs, which::CommunityArg};
use crate::{
    community, moments,
    replay::{self, Plan},
    tariff_files,
};

/// Play a community's time through signed readings: every slot reported, cleared and settled.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy replay samples/energy/street --account member-1
  commonhold energy replay DIR --tariff quarter --mode dynamic --from 0 --to 744
  commonhold energy replay DIR --speed 3600            # an hour a second

The homes' accounts and meter keys are made from the acting account's key and the community's number, so
that nothing secret is written down. It founds a community, or goes on with the one of the same name that it
founded; what was stopped goes on where it was. The homes' money is the acting account's: how much is
missing is said before anything happens.")]
pub(crate) struct Args {
    /// The community: a folder with `community.json` and a table of each home.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// How many times as fast as it happened [default: as fast as the network takes it].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    speed: Option<u64>,
    /// The first slot of the folder [default: 0].
    #[arg(long, value_name = "SLOT")]
    from: Option<u64>,
    /// The slot after the last [default: all].
    #[arg(long, value_name = "SLOT")]
    to: Option<u64>,
    /// When slot 0 begins, a full hour in the past [default: as the folder says].
    #[arg(long, value_name = "TIME", value_parser = moments::parse)]
    start: Option<u64>,
    /// A file of tariffs [default: tariffs.json in the folder or beside it].
    #[arg(long, value_name = "FILE")]
    tariffs: Option<PathBuf>,
    /// Which tariff of the file [default: the first].
    #[arg(long, value_name = "NAME")]
    tariff: Option<String>,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    community: CommunityArg,
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let refused = |what: String| Refused(what);
    let folder = community::read(&args.dir).map_err(|e| refused(e.to_string()))?;
    let regimes = tariff_files::read(&args.dir, args.tariffs.as_deref())?;
    let regime = match &args.tariff {
        Some(name) => regimes.into_iter().find(|regime| regime.name == *name),
        None => regimes.into_iter().next(),
    };
    let regime = regime.ok_or_else(|| refused("there is no tariff of that name".to_owned()))?;
    let slots = folder
        .homes
        .first()
        .map_or(0, |home| home.slots.len() as u64);
    let (from, to) = (args.from.unwrap_or(0), args.to.unwrap_or(slots));
    if from >= to || to > slots {
        let why = format!("slots {from} to {to} are not all there; the community has {slots}");
        return Err(refused(why).into());
    }
    let plan = Plan {
        folder,
        regime,
        rules: &args.rules,
        window: (from, to),
        start: args.start,
        speed: args.speed,
        community: args.community.named(),
    };
    replay::run(session, &plan)
}
