//! `commonhold network keys`: one member's part in making the two keys of a new network.

use std::{path::PathBuf, time::Duration};

use alloy_primitives::{B256, Bytes};
use commonhold_node::{
    ceremony::{Event, Words},
    config::{Origin, load},
    founding::{News, Options, Purpose, Report, prepare, read_draft},
};
use serde::Serialize;

use super::sign;
use crate::{
    node::{Overrides, start_log},
    output::{Output, columns},
    seal::sentence,
};

/// Make the network key, and then the seal key, together with the other members: nobody ever holds them.
///
/// Every member runs this at an agreed time, with a founding document that it has signed. At the end each
/// has its own shares of the two keys (`share`, `seal_share`), and the same genesis document (`genesis`).
/// Whatever ends the program, the same command goes on where it was. A round gives a key only if every
/// member took part and no share was revealed; who is late or wrong is named.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold network keys --founding founding.json --config member/config.toml
  commonhold network keys --founding founding.json --config member/config.toml \\
    --signatures north.sig.json east.sig.json south.sig.json west.sig.json")]
pub(crate) struct Args {
    /// The configuration of this member's node.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The founding document.
    #[arg(long, value_name = "FILE")]
    founding: PathBuf,
    /// The members' signatures: nothing begins where one is missing or is of another document.
    #[arg(long, value_name = "SIG.JSON", num_args = 1..)]
    signatures: Vec<PathBuf>,
    /// The round of the network key, the same for all members [default: the one that this member is in,
    /// or 0].
    #[arg(long, value_name = "N")]
    network_round: Option<u64>,
    /// The round of the seal key, likewise.
    #[arg(long, value_name = "N")]
    seal_round: Option<u64>,
    /// How long to wait for each key.
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
    /// With a round: leave one whose key this member has confirmed. Others may have finished with it: only
    /// where all members agree that nobody has.
    #[arg(long)]
    abandon: bool,
    #[command(flatten)]
    overrides: Overrides,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    network_key: Bytes,
    seal_key: String,
    genesis_hash: B256,
    genesis: PathBuf,
    threshold: u32,
    members: Vec<Member>,
    share: PathBuf,
    seal_share: PathBuf,
    lock: PathBuf,
    /// Whether a former run had come to it.
    already: bool,
}

#[derive(Serialize)]
struct Member {
    place: u32,
    name: String,
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
    let draft = read_draft(&args.founding)?;
    let approvals = sign::read(&draft, &args.signatures)?;
    let options = Options {
        network_round: args.network_round,
        seal_round: args.seal_round,
        abandon: args.abandon,
        stay: args.stay,
        patience: Duration::from_secs(args.patience),
    };
    let prepared = prepare(&loaded.config, &draft, &approvals, &options)?;
    let words = prepared.words();
    if !args.stay
        && let Some(report) = prepared.finished()?
    {
        out.say("This founding is over: there is nothing left to do.");
        return give(&report, &words, out);
    }
    out.say(format!(
        "{} listens for the others on {}",
        words.name(words.me()),
        prepared.listen()
    ));
    let voice = out.voice();
    let report = prepared.run(move |news| voice.say(said(news)))?;
    give(&report, &words, out)
}

/// What happens, in words.
fn said(news: News<'_>) -> String {
    let named = |key| match key {
        Purpose::Network => "network key",
        Purpose::Seal => "seal key",
    };
    match news {
        News::Begins {
            key,
            round,
            resumed,
        } => {
            let how = if resumed {
                "Going on with"
            } else {
                "Beginning"
            };
            format!("{how} round {round} of the {}", named(key))
        }
        News::Happens {
            key,
            event: Event::Finished,
            ..
        } => format!(
            "The {} is made, and this member's share is written",
            named(key)
        ),
        News::Happens {
            round,
            words,
            event,
            ..
        } => sentence(&event, words, round),
    }
}

fn give(report: &Report, words: &Words, out: &mut Output) -> eyre::Result<()> {
    let told = Told {
        network_key: report.network_key.clone().into(),
        seal_key: report.seal_key.to_string(),
        genesis_hash: report.genesis_hash,
        genesis: report.genesis.clone(),
        threshold: report.threshold,
        members: (0..words.count())
            .map(|place| Member {
                place,
                name: words.name(place),
                finished: !report.lacking.contains(&place),
            })
            .collect(),
        share: report.share.clone(),
        seal_share: report.seal_share.clone(),
        lock: report.lock.clone(),
        already: report.already,
    };
    out.result(&told, |told| {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        columns(&[
            row("network key", told.network_key.to_string()),
            row("genesis hash", told.genesis_hash.to_string()),
            row("genesis", told.genesis.display().to_string()),
            row("seal key", told.seal_key.clone()),
            row(
                "decided by",
                format!("{} of {} members", told.threshold, told.members.len()),
            ),
            row("share of the network key", told.share.display().to_string()),
            row(
                "share of the seal key",
                told.seal_share.display().to_string(),
            ),
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
        "Compare the network key with the other members, by voice: a stranger checks everything with it \
         alone. Then start the node: commonhold node --config FILE",
    );
    Ok(())
}
