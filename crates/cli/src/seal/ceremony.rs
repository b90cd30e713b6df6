//! `commonhold seal ceremony`: one member's part in making the seal key.

use std::{path::PathBuf, time::Duration};

use commonhold_node::{
    ceremony::{Event, Options, Report, Words, prepare},
    config::{Origin, load},
};
use serde::Serialize;

use crate::{
    node::{Overrides, start_log},
    output::{Output, columns},
};

/// Make the network's seal key together with the other members, so that nobody ever holds it.
///
/// Every member runs this at the same time, with the configuration of its node and while the node is
/// stopped. The genesis document has no `sealing` yet. At the end every member has its share of the key
/// (`seal_share`) and the same new genesis document. Whatever ends the program, the same command goes
/// on where it was.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold seal ceremony --config node.toml             # all members, at an agreed time
  commonhold seal ceremony --config node.toml --round 1   # all members, after round 0 gave no key
  commonhold seal ceremony --config node.toml --stay      # for one that was not there at the end")]
pub(crate) struct Args {
    /// The configuration file of this member's node.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The round, the same for all members [default: the one that this member is in, or 0].
    #[arg(long, value_name = "N")]
    round: Option<u64>,
    /// Where the new genesis document goes [default: genesis.sealed.json beside the old one].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How long to wait for the key.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 1_800,
        value_parser = clap::value_parser!(u64).range(1..=604_800)
    )]
    patience: u64,
    /// Stay until every member has finished, also those that are not there.
    #[arg(long)]
    stay: bool,
    /// With --round: leave a round whose key this member has confirmed. Others may have finished with
    /// it: only where all members agree that nobody has.
    #[arg(long, requires = "round")]
    abandon: bool,
    #[command(flatten)]
    overrides: Overrides,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    round: u64,
    genesis: PathBuf,
    genesis_hash: alloy_primitives::B256,
    seal_key: String,
    threshold: u32,
    members: Vec<Member>,
    share: PathBuf,
    lock: PathBuf,
    /// Whether a former run had come to it.
    already: bool,
}

#[derive(Serialize)]
struct Member {
    place: u32,
    name: String,
    confirmed: bool,
    finished: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let loaded = load(
        Some(&args.config),
        std::env::vars(),
        &args.overrides.pairs(),
    )?;
    let log = loaded.settings.get("log.filter");
    // People read along: a log is for those who ask for it here.
    if log.is_some_and(|(_, from)| matches!(from, Origin::CommandLine | Origin::Environment(_))) {
        start_log(&loaded.config.log)?;
    }
    let options = Options {
        round: args.round,
        output: args.output.clone(),
        abandon: args.abandon,
        stay: args.stay,
        patience: Duration::from_secs(args.patience),
    };
    let mut prepared = prepare(&loaded.config, &options)?;
    let words = prepared.words().clone();
    if !args.stay
        && let Some(report) = prepared.finished()?
    {
        out.say("This ceremony is over: there is nothing left to do.");
        return give(&report, &words, true, out);
    }
    out.say(format!(
        "{} {} round {}, and listens for the others on {}",
        words.name(words.me()),
        if prepared.is_resumed() {
            "goes on with"
        } else {
            "begins"
        },
        prepared.round(),
        prepared.listen()
    ));
    let (voice, round) = (out.voice(), prepared.round());
    let speaker = words.clone();
    let report = prepared.run(move |event| voice.say(sentence(&event, &speaker, round)))?;
    give(&report, &words, false, out)
}

/// What happens, in words.
pub(crate) fn sentence(event: &Event, words: &Words, round: u64) -> String {
    match event {
        Event::Here(place) => format!("{} is here", words.name(*place)),
        Event::Restarted(place) => format!("{} has started anew", words.name(*place)),
        Event::Away(place) => format!("{} is silent", words.name(*place)),
        Event::OtherRound {
            member,
            round: other,
        } => format!(
            "{} is in round {other}, and this is round {round}: agree on one, and start with {}",
            words.name(*member),
            words.option()
        ),
        Event::Fault { member, fault } => format!("{}: {fault}", words.name(*member)),
        Event::Awaiting(missing) => format!("Waiting for: {}", words.awaited(missing)),
        Event::Finished => "The key is made, and this member's share is written".to_owned(),
        Event::Lingering(lacking) => format!(
            "Staying for: {}. Ctrl-C leaves; the key stays as it is",
            words.list(lacking)
        ),
    }
}

fn give(report: &Report, words: &Words, already: bool, out: &mut Output) -> eyre::Result<()> {
    let told = Told {
        round: report.round,
        genesis: report.genesis.clone(),
        genesis_hash: report.genesis_hash,
        seal_key: report.seal_key.to_string(),
        threshold: report.threshold,
        members: (0..words.count())
            .map(|place| Member {
                place,
                name: words.name(place),
                confirmed: report.confirmed.contains(&place),
                finished: !report.lacking.contains(&place),
            })
            .collect(),
        share: report.share.clone(),
        lock: report.lock.clone(),
        already,
    };
    out.result(&told, |told| {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        columns(&[
            row("genesis hash", told.genesis_hash.to_string()),
            row("genesis", told.genesis.display().to_string()),
            row("seal key", told.seal_key.clone()),
            row(
                "opened by",
                format!("{} of {} members", told.threshold, told.members.len()),
            ),
            row("share", told.share.display().to_string()),
            row("unlocked by", told.lock.display().to_string()),
        ])
    })?;
    if !report.lacking.is_empty() {
        out.say(format!(
            "Not known to have it: {}. Whoever lacks it runs the same command again, while one that \
             has it runs it with --stay",
            words.list(&report.lacking)
        ));
    }
    out.say(
        "Compare the genesis hash with the other members, by voice. Where all have the same, set \
         `genesis` to the new document in the configuration, and start the node",
    );
    Ok(())
}
