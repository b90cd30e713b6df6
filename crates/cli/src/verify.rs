//! `commonhold verify`: checks a stamp, the proof of a reading, an audit trail or export of health data, or the
//! audit of a project of works, offline.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use commonhold_health_client::out::check as health;
use commonhold_primitives::limits::STAMP_BYTES_MAX;
use commonhold_sdk::{
    Abis, Findings, SdkError,
    limits::READING_PROOF_BYTES_MAX,
    readings::{Proven, ReadingDocument},
    stamp,
};
use commonhold_works_client::{audit::check as works, papers::codes};
use serde::Serialize;

use crate::{
    key::{KeyArgs, missing},
    output::Output,
};

/// Check a stamp, the proof of a reading, or a directory of health data or works, offline: nothing but it and
/// the network key is needed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold verify visit.stamp.json                        # own network
  commonhold verify visit.stamp.json --network-key 0x8a…    # a stranger's check
  commonhold verify trail                                   # an audit trail: that it is all
  commonhold verify valley                                  # a project: traces are judged again")]
pub(crate) struct Args {
    /// The stamp, what its codes on paper say, or the proof, or the directory of an audit trail, export or
    /// project; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    network: KeyArgs,
}

/// What a stamp proves, in words and as data.
#[derive(Serialize)]
pub(crate) struct Verdict {
    proven: Vec<String>,
    #[serde(flatten)]
    findings: Findings,
}

/// The same of a reading.
#[derive(Serialize)]
struct OfReading {
    proven: Vec<String>,
    #[serde(flatten)]
    findings: Proven,
}

impl From<Findings> for Verdict {
    fn from(findings: Findings) -> Self {
        Self {
            proven: findings.sentences(),
            findings,
        }
    }
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let key = args.network.key(out)?;
    if health::is_one(&args.file) {
        let checked = health::check(&args.file, &key)?;
        return out.result(&checked, |checked| checked.proven.join("\n"));
    }
    if works::is_one(&args.file) {
        let checked = works::check(&args.file, &key)?;
        return out.result(&checked, |checked| checked.proven.join("\n"));
    }
    let mut file = Vec::new();
    // One more than a stamp may have, so that a longer file is seen to be one.
    let limit = (READING_PROOF_BYTES_MAX.max(STAMP_BYTES_MAX) as u64).saturating_add(1);
    if args.file == Path::new("-") {
        io::stdin().take(limit).read_to_end(&mut file)?;
    } else {
        let opened = fs::File::open(&args.file).map_err(|e| missing(&args.file, &e))?;
        opened.take(limit).read_to_end(&mut file)?;
    }
    if ReadingDocument::is_one(&file) {
        let proven = ReadingDocument::parse(&file).and_then(|document| document.verify(&key));
        let proven = proven.map_err(SdkError::from)?;
        let sentences = proven.sentences();
        let verdict = OfReading {
            proven: sentences,
            findings: proven,
        };
        return out.result(&verdict, |verdict| verdict.proven.join("\n"));
    }
    if codes::is_one(&file) {
        file = codes::read(&file)?;
    }
    let verdict = Verdict::from(stamp::verify_file(&file, &key, &abis())?);
    out.result(&verdict, |verdict| verdict.proven.join("\n"))
}

/// Every interface that this program knows: what is proven is told in their words.
fn abis() -> Abis {
    Abis::system()
        .with(commonhold_health_client::abis())
        .with(commonhold_energy_client::abis())
        .with(commonhold_works_client::abis())
}
