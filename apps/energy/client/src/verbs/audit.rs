//! `commonhold energy audit`: a month computed again from its signed readings.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use commonhold_energy_contract::{ADDRESS, interface::IEnergy::checkSlotCall};
use commonhold_sdk::{Client, SdkError};
use commonhold_session::{Answer, Refused, Session};

use super::which::{CommunityArg, TimeArgs};
use crate::{
    audit::{Audit, audit},
    evidence::{Evidence, Unfit},
    gathering::{Wanted, gather},
    ledger,
    limits::EVIDENCE_BYTES_MAX,
};

/// Compute a month again, from the signed readings on, and hold it against what the ledger says.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy audit --month 2026-06 --out june.evidence
  commonhold energy audit --month 2026-06 --rpc https://another.member   # the same root
  commonhold energy audit --evidence june.evidence                        # offline")]
pub(crate) struct Args {
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    community: CommunityArg,
    /// Write all that was gathered to this file: anybody audits it offline.
    #[arg(long, value_name = "FILE", conflicts_with = "evidence")]
    out: Option<PathBuf>,
    /// Audit this file, and ask no node.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["month", "from", "to", "community"])]
    evidence: Option<PathBuf>,
}

fn read(path: &Path) -> eyre::Result<Evidence> {
    let named = |what: String| Refused(format!("{}: {what}", path.display()));
    let file = File::open(path).map_err(|e| named(e.kind().to_string()))?;
    let mut bytes = Vec::new();
    file.take(EVIDENCE_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > EVIDENCE_BYTES_MAX {
        return Err(named("exceeds EVIDENCE_BYTES_MAX".to_owned()).into());
    }
    let changed = |e: Unfit| SdkError::Integrity(format!("{}: {e}", path.display()));
    Ok(Evidence::from_file(&bytes).map_err(changed)?)
}

/// Holds what events told against what views tell: two ways to the same state.
fn views(
    session: &dyn Session,
    client: &Client,
    evidence: &Evidence,
) -> eyre::Result<Option<String>> {
    let number = evidence.community;
    let bar = session.count(evidence.slots.len() as u64, "Comparing");
    for (at, told) in (1u64..).zip(&evidence.slots) {
        bar.at(at);
        let slot = told.slot;
        let now = ledger::slot(client, number, slot)?;
        let same = now.traded == told.traded
            && now.price == told.price
            && now.volume == told.volume
            && now.readings as usize == told.lines.len();
        if !same || !client.call(ADDRESS, &checkSlotCall { number, slot })? {
            return Ok(Some(format!(
                "slot {slot}: its view says something else than its events"
            )));
        }
    }
    Ok(None)
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let (evidence, differs) = match &args.evidence {
        Some(path) => (read(path)?, None),
        None => {
            let client = session.client()?;
            let number = args.community.meant(&client)?;
            let (window, words) = args.time.meant()?;
            let evidence = gather(session, &client, number, window, Wanted::ALL)?;
            if evidence.slots.is_empty() {
                let why = format!("no slot of community {number} is settled in {words}");
                return Err(Refused(why).into());
            }
            let differs = views(session, &client, &evidence)?;
            (evidence, differs)
        }
    };
    let mut found: Audit = audit(&evidence)?;
    if let Some(why) = differs {
        found.holds = false;
        found.first.get_or_insert(why);
    }
    if let Some(path) = &args.out {
        let named = |e: std::io::Error| Refused(format!("{}: {e}", path.display()));
        fs::write(path, evidence.to_file()?).map_err(named)?;
    }
    let mut answer = Answer::of(&found, found.text())?;
    if !found.holds {
        let first = found.first.unwrap_or_default();
        answer.refused = Some(format!("the audit fails: {first}"));
    }
    Ok(answer)
}
