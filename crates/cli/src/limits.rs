//! `commonhold limits`, and this crate's own limits.

use serde::Serialize;

use crate::output::{Output, columns};

/// Milliseconds before a member that died is started again, the first time.
pub(crate) const RESTART_DELAY_MIN_MS: u64 = 500;
/// Milliseconds before a member that keeps dying is started again.
pub(crate) const RESTART_DELAY_MAX_MS: u64 = 30_000;
/// Milliseconds that a member has to stop before it is killed.
pub(crate) const STOP_GRACE_MAX_MS: u64 = 20_000;
/// Seconds that members have to become healthy.
pub(crate) const START_MAX_S: u64 = 120;
/// Bytes of a member's log before it is set aside at the next start.
pub(crate) const NODE_LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bytes of an answer of a node that this program reads whole.
pub(crate) const ANSWER_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes of a passphrase file.
pub(crate) const PASSPHRASE_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a file that an account is imported from.
pub(crate) const ACCOUNT_FILE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of what a member hands around at a founding, and one more.
pub(crate) const MEMBER_FILE_BYTES_MAX: u64 = 64 * 1024;
/// Things that happened to members and are not yet reported.
pub(crate) const EVENTS_MAX: usize = 64;
/// Milliseconds that a clock may be off before `doctor` warns.
pub(crate) const CLOCK_OFF_WARN_MS: u64 = 200;
/// Final blocks that a node may be behind another before `doctor` warns.
pub(crate) const BLOCKS_BEHIND_WARN: u64 = 64;
/// Milliseconds that a port may take to answer `doctor`.
pub(crate) const PORT_ANSWER_MS: u64 = 2_000;
/// How often something of the samples is said again that the ledger's clock is too early for.
pub(crate) const SAMPLES_TRIES_MAX: u64 = 120;
/// Milliseconds between such tries.
pub(crate) const SAMPLES_PAUSE_MS: u64 = 500;

const ALL: &[(&str, u64)] = &[
    ("RESTART_DELAY_MIN_MS", RESTART_DELAY_MIN_MS),
    ("RESTART_DELAY_MAX_MS", RESTART_DELAY_MAX_MS),
    ("STOP_GRACE_MAX_MS", STOP_GRACE_MAX_MS),
    ("START_MAX_S", START_MAX_S),
    ("NODE_LOG_BYTES_MAX", NODE_LOG_BYTES_MAX),
    ("ANSWER_BYTES_MAX", ANSWER_BYTES_MAX),
    ("PASSPHRASE_BYTES_MAX", PASSPHRASE_BYTES_MAX as u64),
    ("ACCOUNT_FILE_BYTES_MAX", ACCOUNT_FILE_BYTES_MAX as u64),
    ("MEMBER_FILE_BYTES_MAX", MEMBER_FILE_BYTES_MAX),
    ("EVENTS_MAX", EVENTS_MAX as u64),
    ("CLOCK_OFF_WARN_MS", CLOCK_OFF_WARN_MS),
    ("BLOCKS_BEHIND_WARN", BLOCKS_BEHIND_WARN),
    ("PORT_ANSWER_MS", PORT_ANSWER_MS),
    ("SAMPLES_TRIES_MAX", SAMPLES_TRIES_MAX),
    ("SAMPLES_PAUSE_MS", SAMPLES_PAUSE_MS),
];

/// Print every named limit.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only limits whose crate or name contains this.
    filter: Option<String>,
}

#[derive(Serialize)]
struct Limit {
    #[serde(rename = "crate")]
    krate: &'static str,
    name: &'static str,
    value: u64,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let wanted = args.filter.as_deref().unwrap_or_default().to_lowercase();
    let mut crates = commonhold_node::limits::every();
    crates.push(("sdk", commonhold_sdk::limits::ALL));
    crates.push(("gateway", commonhold_gateway::limits::ALL));
    crates.push(("health-client", commonhold_health_client::limits::ALL));
    crates.push(("energy-client", commonhold_energy_client::limits::ALL));
    crates.push(("paper", commonhold_energy_client::paper_limits::ALL));
    crates.push(("works-client", commonhold_works_client::limits::ALL));
    crates.push(("cli", ALL));
    let limits: Vec<Limit> = crates
        .into_iter()
        .flat_map(|(krate, all)| {
            all.iter()
                .map(move |&(name, value)| Limit { krate, name, value })
        })
        .filter(|l| l.krate.contains(&wanted) || l.name.to_lowercase().contains(&wanted))
        .collect();
    out.result(&limits, |limits| {
        let row = |l: &Limit| vec![l.krate.into(), l.name.into(), l.value.to_string()];
        columns(&limits.iter().map(row).collect::<Vec<_>>())
    })
}
