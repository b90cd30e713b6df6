//! The verb `commonhold health`, for the binary to hang in.

use std::path::PathBuf;

use alloy_primitives::B256;
use clap::Subcommand;
use commonhold_sdk::records::Form;
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;

use crate::{
    Options, Source, agreeing, consent, copies, decide, emergency, erasing, ethics, fetch,
    holdings, import,
    inspect::{Report, inspect, together},
    leaving,
    limits::FILES_MAX,
    out::{audit, export, proof::Of},
    pseudonym, registry,
    requests::{self, Word},
    streams, words,
};

/// Health records, genomes, trial data and wearables: what they hold, and how they are shared.
#[derive(clap::Args)]
#[group(skip)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Say what files are, what they hold and how they would be sliced, or where and why they are refused.
    Inspect {
        #[command(flatten)]
        files: Files,
    },
    /// Put files in: cut into slices, each encrypted under a key of its own and registered.
    #[command(after_help = "\
Examples:
  commonhold health import visit.json genome.vcf.gz --account alice
  commonhold health import exports/ --account clinic
  commonhold health import genome.vcf.gz --person Patient/17 --account clinic
  commonhold health import --stream $DEVICE --account alice

A custodian imports for many: each person's slices are under a pseudonym that only this
custodian can make. What was imported already is passed over, so an import that was cut off
is given once more.")]
    Import(Box<ImportArgs>),
    /// Erase slices for good, as who registered them.
    #[command(after_help = "\
Examples:
  commonhold health erase $SLICE --account alice
  commonhold health erase --all --subject $PSEUDONYM --account clinic")]
    Erase {
        /// The slices' records.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        slices: Vec<B256>,
        /// All of somebody's slices.
        #[arg(long)]
        all: bool,
        /// Whose [default: those of who acts, under every pseudonym].
        #[arg(long, value_name = "WHO", requires = "all")]
        subject: Option<String>,
    },
    /// Pseudonyms, by which custodians keep people, and which these take over.
    #[command(subcommand)]
    Pseudonym(pseudonym::Verb),
    /// Tell what is registered about somebody.
    Records {
        /// About whom [default: who acts, under every pseudonym].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
    },
    /// Say what others may do with your records.
    #[command(subcommand)]
    Consent(ConsentVerb),
    /// Ask somebody for slices, and hear what is decided of each class.
    #[command(after_help = "\
Examples:
  commonhold health request --from alice --purpose treatment --classes labs,meds --account clinic
  commonhold health request --from alice,bob --purpose research --study 3 --classes all --dry-run")]
    Request(requests::RequestArgs),
    /// Tell what you asked others for.
    Requests,
    /// Tell who asks for your records, and answer.
    Review {
        /// Whose records [default: those of who acts, under every pseudonym].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
        /// Also what is over.
        #[arg(long)]
        all: bool,
        #[command(subcommand)]
        word: Option<ReviewVerb>,
    },
    /// Fetch what a request opens.
    Fetch {
        /// The request's number.
        request: u64,
        /// The directory.
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
        /// As Crypt4GH files for your key.
        #[arg(long)]
        c4gh: bool,
    },
    /// Decide cases of data use, without a network: what a policy would permit.
    Decide {
        /// The cases: datasets with DUO terms, and requests.
        cases: PathBuf,
    },
    /// Study protocols, and what is reported of them.
    #[command(subcommand)]
    Study(registry::Verb),
    /// Ethics boards, and what they decide.
    #[command(subcommand)]
    Ethics(ethics::Verb),
    /// Emergencies: two clinicians open a person's emergency slice, and nothing else.
    #[command(subcommand)]
    Emergency(emergency::Verb),
    /// Tell who opened somebody's slices and who was refused, with the proof that it is all: IHE BALP
    /// AuditEvents, which `commonhold verify` checks offline.
    #[command(
        group(clap::ArgGroup::new("whose").args(["patient", "record"])),
        after_help = "\
Examples:
  commonhold health audit --patient alice -o trail
  commonhold health audit --record $ID -o trail && commonhold verify trail"
    )]
    Audit {
        /// Of all slices of a person [default: who acts].
        #[arg(long, value_name = "WHO", alias = "subject")]
        patient: Option<String>,
        /// Of one slice.
        #[arg(long, value_name = "ID")]
        record: Option<B256>,
        /// The directory.
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Take everything that you have: slices, consent, audit trail, origins, studies, proofs. Where it was
    /// interrupted, it goes on.
    Export {
        /// Whose [default: that of who acts].
        #[arg(long, value_name = "WHO", alias = "patient")]
        subject: Option<String>,
        /// The directory.
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Leave a study, for good: nothing of yours opens for it any more.
    Withdraw {
        /// The study's number.
        #[arg(long, value_name = "NUMBER")]
        study: u64,
        /// Whose records [default: those of who acts, under every pseudonym]; as often as needed.
        #[arg(long = "subject", value_name = "WHO")]
        subjects: Vec<String>,
    },
    /// Tell who holds copies of what was opened, and who attested theirs as destroyed.
    Copies {
        /// Of whose records [default: those of who acts, under every pseudonym].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
    },
    /// Attest that all copies made under a request of yours were destroyed.
    Destroyed {
        /// The request's number.
        request: u64,
        /// A proof that you keep: its hash goes to the ledger.
        #[arg(long, value_name = "FILE")]
        evidence: PathBuf,
    },
    /// Say that your investigators work with a study, which a consent may ask for (DUO:0000020).
    Collaborate {
        /// The study's number.
        #[arg(long, value_name = "NUMBER")]
        study: u64,
        /// Whose [default: those of who acts].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
        /// No longer.
        #[arg(long)]
        end: bool,
    },
    /// Diseases: of which others they are kinds.
    #[command(subcommand)]
    Disease(agreeing::Verb),
}

#[derive(clap::Args)]
struct ImportArgs {
    /// Files and directories: FHIR R4, VCF, BCF, SAM, BAM, CRAM, FASTQ, Dataset-JSON, Define-XML, USDM, Open
    /// mHealth, Apple Health, Fitbit, Withings.
    #[arg(required_unless_present = "stream", num_args = 1..=FILES_MAX)]
    files: Vec<PathBuf>,
    /// Bundles are increments: what they refer to may have been imported before.
    #[arg(long)]
    partial: bool,
    /// Days of a device's stream that are over, instead of files: the stream, or the device.
    #[arg(long, value_name = "ID", conflicts_with_all = ["files", "partial"])]
    stream: Option<B256>,
    /// Of the stream this day alone, be it over or not: 2026-12-31.
    #[arg(long, value_name = "DAY", requires = "stream", value_parser = day)]
    day: Option<u32>,
    #[command(flatten)]
    about: import::About,
}

/// Reads a day: days since 1970.
fn day(text: &str) -> Result<u32, String> {
    let unknown = || format!("{text:?} is no day: write 2026-12-31");
    let seconds = words::midnight(text).ok_or_else(unknown)?;
    u32::try_from(seconds / 86_400).map_err(|_| unknown())
}

#[derive(clap::Args)]
struct Files {
    /// The files: FHIR R4, VCF, BCF, SAM, BAM, CRAM, FASTQ, Dataset-JSON, Define-XML, USDM, Open mHealth,
    /// Apple Health, Fitbit, Withings.
    #[arg(required = true, num_args = 1..=FILES_MAX)]
    files: Vec<PathBuf>,
    /// Bundles are increments: what they refer to may have been imported before.
    #[arg(long)]
    partial: bool,
}

#[derive(Subcommand)]
enum ConsentVerb {
    /// Tell a consent.
    Show {
        /// Whose [default: that of who acts].
        #[arg(long, value_name = "WHO", alias = "patient")]
        subject: Option<String>,
        #[command(flatten)]
        document: consent::DocumentArgs,
    },
    /// Write a consent as FHIR R4 Consent.
    Export {
        /// Whose [default: that of who acts].
        #[arg(long, value_name = "WHO", alias = "patient")]
        subject: Option<String>,
        /// Where to; standard output without it.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take a FHIR R4 Consent, in place of all that is permitted: as a whole, or not at all.
    #[command(after_help = "\
Examples:
  commonhold health consent import consent.json --dry-run
  commonhold health consent import consent.json --actor Practitioner/13=role:clinician --ask")]
    Import {
        #[command(flatten)]
        import: Box<consent::ImportArgs>,
        /// Whose [default: that of who acts].
        #[arg(long, value_name = "WHO", alias = "patient")]
        subject: Option<String>,
    },
    /// Permit something, beside what is permitted already.
    #[command(after_help = "\
Examples:
  commonhold health consent set --purpose treatment --classes all --to role:clinician
  commonhold health consent set --purpose research --classes labs --duo DUO:0000006 --standing --veto 24
  commonhold health consent set --purpose research --classes all --modifier DUO:0000022=DE --replace
  commonhold health consent set --purpose research --classes everything --until 2027-12-31 \\
    --except 'classes=labs.restricted,genomic' --except 'to=study:3'")]
    Set {
        #[command(flatten)]
        permit: Box<consent::PermitArgs>,
        /// Whose [default: that of who acts].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
        /// In place of all that is permitted.
        #[arg(long)]
        replace: bool,
    },
    /// Take back all that is permitted, and what was given under it.
    End {
        /// Whose [default: that of who acts].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
    },
}

#[derive(Subcommand)]
enum ReviewVerb {
    /// Let in.
    Approve {
        /// The request's number.
        request: u64,
        /// To these classes [default: all that you are asked for].
        #[arg(long, value_name = "CLASSES", value_parser = words::parse_classes)]
        classes: Option<u32>,
    },
    /// Refuse, for good.
    Deny {
        /// The request's number.
        request: u64,
    },
    /// Stop what would open by itself.
    Veto {
        /// The request's number.
        request: u64,
    },
    /// Take back what was given.
    Revoke {
        /// The request's number.
        request: u64,
    },
}

/// Runs the command.
///
/// # Errors
/// [`Refused`], `SdkError`, and what the session ends in.
pub fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    match &args.verb {
        Verb::Inspect { files } => inspected(files),
        Verb::Import(args) => match args.stream {
            Some(stream) => streams::import(session, stream, args.day, &args.about),
            None => {
                let partial = args.partial;
                import::import(session, &args.files, &args.about, Options { partial })
            }
        },
        Verb::Erase {
            slices, subject, ..
        } => erasing::erase(session, slices, subject.as_deref()),
        Verb::Pseudonym(verb) => pseudonym::run(session, verb),
        Verb::Records { subject } => holdings::list(session, subject.as_deref()),
        Verb::Consent(verb) => match verb {
            ConsentVerb::Show { subject, document } => {
                consent::show(session, subject.as_deref(), document)
            }
            ConsentVerb::Export { subject, output } => {
                consent::export(session, subject.as_deref(), output.as_deref())
            }
            ConsentVerb::Import { import, subject } => {
                consent::import(session, subject.as_deref(), import)
            }
            ConsentVerb::Set {
                permit,
                subject,
                replace,
            } => consent::set(session, subject.as_deref(), permit, *replace),
            ConsentVerb::End { subject } => consent::end(session, subject.as_deref()),
        },
        Verb::Request(args) => requests::request(session, args),
        Verb::Requests => requests::made(session),
        Verb::Review { subject, all, word } => match word {
            None => requests::list(session, subject.as_deref(), *all),
            Some(verb) => {
                let (number, word) = verb.word();
                requests::answer(session, number, word)
            }
        },
        Verb::Fetch {
            request,
            output,
            c4gh,
        } => {
            let form = if *c4gh { Form::Encrypted } else { Form::Plain };
            fetch::fetch(session, *request, output, form)
        }
        Verb::Decide { cases } => {
            let decided = decide::decide_file(&Source::File(cases.clone()))
                .map_err(|refusal| Refused::file(cases, &refusal))?;
            Answer::of(&decided, decided.text())
        }
        Verb::Study(verb) => registry::run(session, verb),
        Verb::Ethics(verb) => ethics::run(session, verb),
        Verb::Emergency(verb) => emergency::run(session, verb),
        Verb::Audit {
            patient,
            record,
            output,
        } => {
            let of = match record {
                Some(id) => Of::Record(*id),
                None => Of::Subject(session.whose(patient.as_deref())?),
            };
            audit::audit(session, of, output)
        }
        Verb::Export { subject, output } => export::export(session, subject.as_deref(), output),
        Verb::Withdraw { study, subjects } => leaving::withdraw(session, *study, subjects),
        Verb::Copies { subject } => copies::list(session, subject.as_deref()),
        Verb::Destroyed { request, evidence } => copies::destroyed(session, *request, evidence),
        Verb::Collaborate {
            study,
            subject,
            end,
        } => agreeing::collaborate(session, *study, subject.as_deref(), !end),
        Verb::Disease(verb) => agreeing::run(session, verb),
    }
}

impl Files {
    const fn options(&self) -> Options {
        Options {
            partial: self.partial,
        }
    }
}

impl ReviewVerb {
    const fn word(&self) -> (u64, Word) {
        match self {
            Self::Approve { request, classes } => (*request, Word::Approve(*classes)),
            Self::Deny { request } => (*request, Word::Refuse),
            Self::Veto { request } => (*request, Word::Veto),
            Self::Revoke { request } => (*request, Word::Revoke),
        }
    }
}

fn inspected(files: &Files) -> eyre::Result<Answer> {
    let sources: Vec<Source> = files.files.iter().cloned().map(Source::File).collect();
    let named = files.files.iter().map(|path| path.display().to_string());
    let look = |(file, source): (String, &Source)| inspect(file, source, files.options());
    let reports: Vec<Report> = named.zip(&sources).map(look).collect();
    let together = together(&sources, &reports);
    let all = || reports.iter().chain(&together);
    let text: Vec<String> = all().map(Report::text).collect();
    let refused = all().filter(|report| report.is_refused()).count();
    let data = Inspected {
        files: &reports,
        together: together.as_ref(),
    };
    let mut answer = Answer::of(&data, text.join("\n"))?;
    answer.refused = match (refused, reports.len()) {
        (0, _) => None,
        (1, 1) => Some("the file is refused".into()),
        (n, all) => Some(format!("of {all} files {n} are refused")),
    };
    Ok(answer)
}

/// What was inspected.
#[derive(Serialize)]
struct Inspected<'a> {
    files: &'a [Report],
    /// What several files of one export make together.
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<&'a Report>,
}
