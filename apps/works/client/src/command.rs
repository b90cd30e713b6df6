//! The verb `commonhold works`, for the binary to hang in.

use std::path::PathBuf;

use clap::Subcommand;
use commonhold_session::{Answer, Refused, Session};
use serde_json::Map;

use crate::{
    audit::verb,
    bids, certificates,
    check::{parse, verdicts},
    credit, inspect,
    ledger::{self, contract, evidence, order, paper, pay, project, site, tender},
    limits::FILES_MAX,
    papers::{self, PaperArgs},
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
        /// The ruleset that the contract pinned: limits as JSON, or a text of ARL-1 (.arl).
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
    /// Parties, admitted by members of the consortium.
    #[command(subcommand)]
    Party(project::PartyVerb),
    /// Projects.
    #[command(subcommand)]
    Project(project::ProjectVerb),
    /// Packages of projects.
    #[command(subcommand)]
    Package(project::PackageVerb),
    /// Tenders: sealed until the deadline, open to everybody after it.
    #[command(subcommand)]
    Tender(tender::Verb),
    /// Contracts: terms, bill, milestones, a pinned ruleset, money set aside.
    #[command(subcommand)]
    Contract(contract::Verb),
    /// Milestones: claimed, objected to, signed, settled.
    #[command(subcommand)]
    Milestone(contract::StepVerb),
    /// Work orders.
    #[command(subcommand)]
    Order(order::Verb),
    /// Evidence: raw files, signed by instruments, read by every member.
    #[command(subcommand)]
    Evidence(evidence::EvidenceVerb),
    /// Tell what the rules say of an order's fibres; decide what is left to a person.
    Verdict(order::VerdictArgs),
    /// Inspections.
    #[command(name = "inspection", subcommand)]
    Inspection(site::InspectVerb),
    /// Defects.
    #[command(subcommand)]
    Defect(site::DefectVerb),
    /// Variations.
    #[command(subcommand)]
    Vary(site::VaryVerb),
    /// Apply for payment, as the contractor.
    Apply(pay::Done),
    /// Certify payment, as the certifier.
    Certify {
        #[command(flatten)]
        done: pay::Done,
        /// Why it is not what was applied for: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Pay a contract's next certificate out of what is set aside. Anybody may.
    Pay {
        /// The contract's number.
        contract: u64,
        /// Tell its certificates instead.
        #[arg(long)]
        list: bool,
    },
    /// Write a payment certificate as PDF, with the stamp of its transaction in codes of squares.
    Certificate(PaperArgs),
    /// Certify a contract's retention, once its days for defects are over. Anybody may.
    Release {
        /// The contract's number.
        contract: u64,
    },
    /// Documents by ISO 19650, their revisions, and who was handed them.
    #[command(subcommand)]
    Doc(paper::DocVerb),
    /// Notices and their clocks.
    #[command(subcommand)]
    Notice(paper::NoticeVerb),
    /// Write a page of the site diary.
    Diary(paper::DiaryArgs),
    /// Write all of a project into a directory, with the proof that it is all; `commonhold verify` checks it.
    #[command(after_help = "\
Examples:
  commonhold works audit 1 -o valley
  commonhold verify valley --network-key 0x8a…      # offline: raw files are read and judged again

Ended with Ctrl-C it goes on where it was, when it is given the same directory.")]
    Audit(verb::AuditArgs),
    /// Write a project's registers: documents, notices, defects, certificates and so on.
    #[command(after_help = "\
Examples:
  commonhold works register 1 -o valley.xlsx
  commonhold works register 1 documents -o documents.csv
  commonhold works register 1 defects -o defects.bcf
  commonhold works register 1 milestones -o programme.xml")]
    Register(verb::RegisterArgs),
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
    /// Tell a score of the network.
    Show(ledger::credit::Whose),
    /// Tell what each fact does to it.
    Explain(ledger::credit::Whose),
    /// Appeal against a fact about yourself.
    Appeal {
        /// The fact's number.
        fact: u64,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        grounds: String,
    },
    /// Tell appeals, and how they stand.
    Appeals {
        /// Whose [default: who acts].
        who: Option<String>,
    },
    /// Vote on an appeal, as a member without a part in it: two that say the same decide.
    Vote(ledger::credit::Vote),
    /// State, as a member, that evidence was forged by who brought it: two members' words cap the score.
    Forged {
        /// The evidence's number.
        evidence: u64,
    },
    /// Write down what somebody's word counts from the next epoch on. Anybody may.
    Settle(ledger::credit::Whose),
}

/// Runs the command.
///
/// # Errors
/// [`Refused`].
pub fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
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
        Verb::Credit(verb) => match verb {
            Credit::Replay { vectors } => credit::replay(vectors),
            Credit::Show(whose) => ledger::credit::show(session, whose),
            Credit::Explain(whose) => ledger::credit::explain(session, whose),
            Credit::Appeal { fact, grounds } => ledger::credit::appeal(session, *fact, grounds),
            Credit::Appeals { who } => ledger::credit::appeals(session, who.as_deref()),
            Credit::Vote(vote) => ledger::credit::vote(session, vote),
            Credit::Forged { evidence } => ledger::credit::forged(session, *evidence),
            Credit::Settle(whose) => ledger::credit::settle(session, whose),
        },
        Verb::Party(verb) => project::party(session, verb),
        Verb::Project(verb) => project::project(session, verb),
        Verb::Package(verb) => project::package(session, verb),
        Verb::Tender(verb) => tender::run(session, verb),
        Verb::Contract(verb) => contract::run(session, verb),
        Verb::Milestone(verb) => contract::step(session, verb),
        Verb::Order(verb) => order::run(session, verb),
        Verb::Evidence(verb) => evidence::evidence(session, verb),
        Verb::Verdict(args) => order::verdict(session, args),
        Verb::Inspection(verb) => site::inspect(session, verb),
        Verb::Defect(verb) => site::defect(session, verb),
        Verb::Vary(verb) => site::vary(session, verb),
        Verb::Apply(done) => pay::apply(session, done),
        Verb::Certify { done, reason } => pay::certify(session, done, reason.as_deref()),
        Verb::Pay {
            contract,
            list: true,
        } => pay::list(session, *contract),
        Verb::Pay { contract, .. } => pay::pay(session, *contract),
        Verb::Certificate(args) => papers::paper(session, args),
        Verb::Release { contract } => pay::release(session, *contract),
        Verb::Doc(verb) => paper::doc(session, verb),
        Verb::Notice(verb) => paper::notice(session, verb),
        Verb::Diary(args) => paper::diary(session, args),
        Verb::Audit(args) => verb::audit(session, args),
        Verb::Register(args) => verb::register(session, args),
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
