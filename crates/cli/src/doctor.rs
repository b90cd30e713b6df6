//! `commonhold doctor`: looks at a node's files, its machine, its ports, its answers, its place among the members
//! and the members' clocks, and says what is wrong.

mod clocks;
mod place;
mod ports;

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use commonhold_node::{
    config::{NodeConfig, load},
    devnet,
    keys::check_member,
    seal_share,
};
use serde::Serialize;
use serde_json::json;

use crate::{
    exit::Failure,
    http::Asker,
    output::{Output, columns},
};

/// Free space below which a node is in danger.
const FREE_BYTES_MIN: u64 = 1 << 30;
/// A synced write that takes longer than this slows every block.
const FSYNC_SLOW: Duration = Duration::from_millis(50);
/// Age of the last final block above which the network stands still.
const FINAL_AGE_MAX: Duration = Duration::from_secs(30);

/// Look for what is wrong with a node.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold doctor                            # every member of `commonhold up`
  commonhold doctor --config commonhold.toml   # one member, and its peers' clocks")]
pub(crate) struct Args {
    /// The node's configuration file; without it, every member of the network in DIR.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The network that `commonhold up` keeps.
    #[arg(long, value_name = "DIR", default_value = "data")]
    dir: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warn,
    Refused,
    Unavailable,
    Integrity,
}

#[derive(Serialize)]
struct Finding {
    node: String,
    check: &'static str,
    level: Level,
    detail: String,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let mut nodes = Vec::new();
    if let Some(path) = &args.config {
        let config = load(Some(path), std::env::vars(), &[])?.config;
        nodes.push((path.display().to_string(), config));
    } else if let Some(net) = devnet::open(&args.dir)? {
        nodes.extend(
            net.members
                .into_iter()
                .map(|member| (member.name, member.config)),
        );
    } else {
        let why = format!(
            "{} holds no network; name a node's --config",
            args.dir.display()
        );
        return Err(Failure::Usage(why).into());
    }
    let mut findings = Vec::new();
    let progress = out.progress(nodes.len() as u64, "Looking");
    let mut silent = BTreeSet::new();
    for (node, config) in &nodes {
        if !examine(node, config, &mut findings) {
            silent.insert(base(config));
        }
        progress.inc(1);
    }
    clocks::examine(&nodes, silent, &mut findings);
    progress.finish_and_clear();
    out.result(&findings, |findings| {
        let row = |f: &Finding| {
            let level = match f.level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                _ => "FAIL",
            };
            vec![
                level.into(),
                f.node.clone(),
                f.check.into(),
                f.detail.clone(),
            ]
        };
        columns(&findings.iter().map(row).collect::<Vec<_>>())
    })?;
    let wrong = findings.iter().filter(|f| f.level > Level::Warn).count();
    let summary = format!("{wrong} of {} checks failed", findings.len());
    match findings.iter().map(|f| f.level).max() {
        Some(Level::Integrity) => Err(Failure::Integrity(summary).into()),
        Some(Level::Unavailable) => Err(Failure::Unavailable(summary).into()),
        Some(Level::Refused) => Err(Failure::Refused(summary).into()),
        _ => Ok(()),
    }
}

/// Looks at one node. Gives whether it answers.
fn examine(node: &str, config: &NodeConfig, findings: &mut Vec<Finding>) -> bool {
    let mut add = |check, (level, detail): (Level, String)| {
        findings.push(Finding {
            node: node.to_owned(),
            check,
            level,
            detail,
        });
    };
    add("keys", keys(config));
    add("seal share", share(config));
    add("disk", disk(&config.data));
    add("fsync", fsync(&config.data));
    let asker = Asker::new(Duration::from_secs(5));
    let base = base(config);
    let health = match asker.health(&base) {
        Ok(health) => health,
        Err(e) => {
            add("health", (Level::Unavailable, e.to_string()));
            for found in ports::unused(config) {
                add("ports", found);
            }
            return false;
        }
    };
    if health.is_good() {
        add("health", (Level::Ok, base.clone()));
    } else {
        let said: String = health.said.chars().take(200).collect();
        let what = format!(
            "{base}: status {}: {}",
            health.status,
            said.trim().escape_debug()
        );
        add("health", (Level::Unavailable, what));
    }
    add("finality", finality(&asker, &base));
    add("ports", ports::own(config));
    add("lag", place::lag(&asker, config, health.block));
    let epoch = health.number("epoch");
    add("founding", place::founding(config, epoch));
    match place::examine(config, &health, &base) {
        Ok(place) => {
            add("epoch", place.epoch);
            add("share", place.share);
            add("version", place.version);
            add("peers", place.peers);
            for found in place.unreached {
                add("reach", found);
            }
        }
        // What keeps a node from answering shows in its health and finality.
        Err(e) => add(
            "epoch",
            (Level::Warn, format!("the ledger cannot be asked: {e}")),
        ),
    }
    true
}

/// Where the node answers.
fn base(config: &NodeConfig) -> String {
    format!("http://{}", config.http.listen)
}

/// Modes and forms of the key files, and whether they are a member's.
fn keys(config: &NodeConfig) -> (Level, String) {
    match check_member(&config.genesis, &config.identity, &config.share) {
        Ok(Some(name)) => (
            Level::Ok,
            format!("those of {name}, readable by their owner alone"),
        ),
        Ok(None) => (
            Level::Ok,
            "readable by their owner alone; of no founder".into(),
        ),
        Err(e) => (Level::Refused, e.to_string()),
    }
}

/// The share of the seal key, and what unlocks it.
fn share(config: &NodeConfig) -> (Level, String) {
    match seal_share::check(config) {
        Ok(Some(true)) => (Level::Ok, "opens, and is this member's own".into()),
        Ok(Some(false)) if config.data.join("engine").exists() => (
            Level::Ok,
            "in the node's store, if it has one: `commonhold seal show` asks the node".into(),
        ),
        Ok(Some(false)) => {
            let path = config.seal_share.display();
            (
                Level::Refused,
                format!("{path} is missing: this member answers no request to open"),
            )
        }
        Ok(None) => (Level::Ok, "none: this network has no seal key".into()),
        Err(e) => (Level::Refused, e.to_string()),
    }
}

fn disk(data: &Path) -> (Level, String) {
    let Some(dir) = existing(data) else {
        return (Level::Refused, format!("{} does not exist", data.display()));
    };
    match rustix::fs::statvfs(dir) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let level = if free < FREE_BYTES_MIN {
                Level::Refused
            } else {
                Level::Ok
            };
            (level, format!("{} MiB free", free >> 20))
        }
        Err(e) => (Level::Unavailable, e.to_string()),
    }
}

/// How long the disk takes to keep a small file.
fn fsync(data: &Path) -> (Level, String) {
    let Some(dir) = existing(data) else {
        return (Level::Refused, format!("{} does not exist", data.display()));
    };
    let timed = || -> std::io::Result<Duration> {
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        let began = Instant::now();
        file.write_all(&[0; 4096])?;
        file.as_file().sync_all()?;
        Ok(began.elapsed())
    };
    match timed() {
        Ok(took) => {
            let level = if took > FSYNC_SLOW {
                Level::Warn
            } else {
                Level::Ok
            };
            (level, format!("{:.1} ms", took.as_secs_f64() * 1e3))
        }
        Err(e) => (Level::Refused, format!("{}: {e}", dir.display())),
    }
}

/// The nearest directory that exists: the data directory appears with the node's first start.
fn existing(data: &Path) -> Option<&Path> {
    data.ancestors().find(|path| path.is_dir())
}

/// Age of the last final block by this machine's clock: a clock that is off shows here as well.
fn finality(asker: &Asker, base: &str) -> (Level, String) {
    let block = match asker.call(base, "eth_getBlockByNumber", json!(["finalized", false])) {
        Ok(block) => block,
        Err(e) => return (Level::Unavailable, e.to_string()),
    };
    let field = |name: &str| {
        let text = block.get(name)?.as_str()?;
        u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
    };
    let (Some(number), Some(timestamp)) = (field("number"), field("timestamp")) else {
        return (
            Level::Integrity,
            "the node's last block has no number or time".into(),
        );
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let time = Duration::from_secs(timestamp);
    if time > now.saturating_add(Duration::from_secs(2)) {
        let ahead = time.saturating_sub(now).as_secs();
        let what = format!("block {number} is {ahead} s ahead of this machine's clock");
        return (Level::Refused, what);
    }
    let age = now.saturating_sub(time);
    let level = if age > FINAL_AGE_MAX {
        Level::Unavailable
    } else {
        Level::Ok
    };
    (
        level,
        format!("block {number} is final, {} s old", age.as_secs()),
    )
}
