//! The verb `commonhold works`, for the binary to hang in.

use std::path::PathBuf;

use clap::Subcommand;
use commonhold_session::{Answer, Refused};
use serde_json::Map;

use crate::{
    bids, certificates,
    check::{parse, verdicts},
    credit, inspect,
    limits::FILES_MAX,
    radio,
    refusal::{Refusal, bytes, name},
};

/// Construction in telecommunications: what evidence says, what follows, what is paid, what it says of people.
#[derive(clap::Args)]
#[group(skip)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Read optical traces (.sor) as every member does; with an order and a ruleset, judge a folder of them.
    #[command(after_help = "\
Examples:
  commonhold works check F01_AB_1310.sor
  commonhold works check --order work_order.json --ruleset ruleset.json traces/")]
    Check {
        /// A work order: design, fibres, instruments, window.
        #[arg(long, value_name = "WORK_ORDER.json", requires = "ruleset")]
        order: Option<PathBuf>,
        /// The limits that the contract pinned.
        #[arg(long, value_name = "RULESET.json", requires = "order")]
        ruleset: Option<PathBuf>,
        /// The traces; with --order the folder that they lie in.
        #[arg(required = true, num_args = 1..=FILES_MAX, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Hold a radio site against its design.
    Radio {
        /// The design: site, sectors, limits.
        design: PathBuf,
        /// What was found; sweeps lie beside it.
        evidence: PathBuf,
    },
    /// Compute payment certificates.
    Certificates {
        /// Terms, variations, and progress at each valuation.
        contract: PathBuf,
        /// The bill of quantities, as CSV or XLSX.
        bill: PathBuf,
    },
    /// Credit scores.
    #[command(subcommand)]
    Credit(Credit),
    /// Hold revealed bids against their commitments.
    Bids {
        /// Bids, salts and commitments.
        bids: PathBuf,
    },
    /// Say what a file holds: traces, sweeps, BCF, programmes, bills of quantities.
    Inspect {
        /// The file.
        file: PathBuf,
    },
    /// Write what a file holds in another form: BCF, Microsoft Project XML, CSV, XLSX.
    Convert {
        /// The file.
        from: PathBuf,
        /// The file to write; its ending says the form.
        to: PathBuf,
    },
}

#[derive(Subcommand)]
enum Credit {
    /// Compute scores again from exported events, and hold them against what the file expects.
    Replay {
        /// Cases with their events.
        vectors: PathBuf,
    },
}

/// Runs the command.
///
/// # Errors
/// [`Refused`].
pub fn run(args: &Args) -> eyre::Result<Answer> {
    match &args.verb {
        Verb::Check {
            order: Some(order),
            ruleset: Some(ruleset),
            files,
        } => match files.as_slice() {
            [folder] => verdicts::judge(order, ruleset, folder),
            _ => Err(Refused("with --order name one folder".into()).into()),
        },
        Verb::Check { files, .. } => check(files),
        Verb::Radio { design, evidence } => radio::site(design, evidence),
        Verb::Certificates { contract, bill } => certificates::certificates(contract, bill),
        Verb::Credit(Credit::Replay { vectors }) => credit::replay(vectors),
        Verb::Bids { bids } => bids::check(bids),
        Verb::Inspect { file } => inspect::inspect(file),
        Verb::Convert { from, to } => inspect::convert(from, to),
    }
}

/// Reads traces: of one the parse, of several one for each name.
fn check(files: &[PathBuf]) -> eyre::Result<Answer> {
    let (mut all, mut texts, mut refused) = (Map::new(), Vec::new(), Vec::new());
    for path in files {
        let bytes = bytes(path).map_err(|refusal| refusal.of(path))?;
        let name = name(path);
        let parsed = parse::read(&name, &bytes);
        let parsed = parsed.map_err(|e| Refusal::malformed(e.to_string()).of(path))?;
        if let Some(error) = parsed.error {
            refused.push(format!("{name}: {error}"));
        }
        texts.push(parsed.text);
        all.insert(name, parsed.data);
    }
    let text = texts.join("\n\n");
    let mut answer = if files.len() == 1 {
        let only = all.into_iter().next().map(|(_, data)| data);
        Answer::of(&only, text)?
    } else {
        Answer::of(&all, text)?
    };
    answer.refused = (!refused.is_empty()).then(|| refused.join("; "));
    Ok(answer)
}
