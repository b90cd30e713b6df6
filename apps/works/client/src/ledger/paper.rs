//! `commonhold works doc`, `notice` and `diary`.

use std::path::PathBuf;

use alloy_primitives::{Address, B256, keccak256};
use clap::{Subcommand, ValueEnum};
use commonhold_session::{Answer, Refused, Session};
use commonhold_works_contract::interface::IWorks::{
    Container, DocumentRevised, NoticeGiven, NoticeKind, Revision, Sheet, Transmitted,
    acknowledgeCall, acknowledgeNoticeCall, addDocumentCall, answerNoticeCall, documentCall,
    giveNoticeCall, lapseNoticeCall, noticeCall, reviseDocumentCall, transmitCall, transmittalCall,
    writeDiaryCall,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{act, ask, contract::Word, done, made, short, site::said, text};
use crate::{refusal::bytes, table::table};

#[derive(Subcommand)]
pub(crate) enum DocVerb {
    /// Enter a document: its container by ISO 19650, and its first revision.
    #[command(after_help = "\
Example:
  commonhold works doc add 1 VAL1-BLD-ZZ-01-DR-E-0001 drawing.pdf --revision P01 --status S2 --account builder")]
    Add {
        /// The project's number.
        project: u64,
        /// Project-Originator-Volume-Level-Type-Role-Number.
        container: String,
        #[command(flatten)]
        revision: RevisionArgs,
    },
    /// Enter a revision of a document of yours.
    Revise {
        /// The document's number.
        document: u64,
        #[command(flatten)]
        revision: RevisionArgs,
    },
    /// Hand documents over.
    Transmit {
        /// The project's number.
        project: u64,
        /// What: DOCUMENT, the newest revision, or DOCUMENT:REVISION.
        #[arg(required = true, value_name = "DOCUMENT[:N]")]
        documents: Vec<String>,
        /// To whom.
        #[arg(
            long = "to",
            value_name = "WHO",
            required = true,
            value_delimiter = ','
        )]
        recipients: Vec<String>,
        /// What for.
        #[arg(long = "for", value_name = "REASON", default_value = "information")]
        reason: Reason,
    },
    /// Acknowledge what was handed to you.
    Ack {
        /// The transmittal's number.
        transmittal: u64,
    },
    /// Tell a document's newest revision, or who received a transmittal.
    Show {
        /// The document's number.
        #[arg(required_unless_present = "transmittal")]
        document: Option<u64>,
        /// The transmittal's number.
        #[arg(long, value_name = "N", conflicts_with = "document")]
        transmittal: Option<u64>,
    },
}

#[derive(clap::Args)]
pub(crate) struct RevisionArgs {
    /// The file: its hash goes to the ledger.
    file: PathBuf,
    /// P01, P01.01, C01.
    #[arg(long, value_name = "REVISION", default_value = "P01")]
    revision: String,
    /// S0 to S5, A1 and on.
    #[arg(long, value_name = "STATUS", default_value = "S0")]
    status: String,
    /// The record that keeps the file in the vault.
    #[arg(long, value_name = "ID")]
    record: Option<B256>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Reason {
    Information,
    Review,
    Approval,
    Construction,
    AsBuilt,
}

impl Reason {
    const fn word(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Review => "review",
            Self::Approval => "approval",
            Self::Construction => "construction",
            Self::AsBuilt => "as-built",
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum NoticeVerb {
    /// Give a notice, as one of the three of a contract.
    Give {
        /// The contract's number.
        contract: u64,
        /// What it is.
        kind: KindArg,
        /// What it says: its hash goes to the ledger.
        content: String,
        /// Who is to answer.
        #[arg(long, value_name = "WHO")]
        to: String,
        /// When you knew, in seconds since 1970 [default: now].
        #[arg(long, value_name = "T")]
        aware: Option<u64>,
        /// The notice that it goes with.
        #[arg(long, value_name = "N", default_value_t = 0)]
        about: u64,
    },
    /// Acknowledge a notice to you.
    Ack {
        /// Its number.
        notice: u64,
    },
    /// Answer a notice to you.
    Answer {
        /// Its number.
        notice: u64,
        /// What you say.
        word: Word,
        /// The answer: its hash goes to the ledger.
        content: String,
    },
    /// Write down that a notice was not answered in time. Anybody may.
    Lapse {
        /// Its number.
        notice: u64,
    },
    /// State what was awarded of a refused claim: as owner or contractor, or as a member without a part in it.
    Award(super::award::Award),
    /// Tell how a notice stands.
    Show {
        /// Its number.
        notice: u64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum KindArg {
    General,
    EarlyWarning,
    Claim,
    Detail,
    Quotation,
    Rfi,
}

impl KindArg {
    const fn kind(self) -> NoticeKind {
        match self {
            Self::General => NoticeKind::General,
            Self::EarlyWarning => NoticeKind::EarlyWarning,
            Self::Claim => NoticeKind::Claim,
            Self::Detail => NoticeKind::Detail,
            Self::Quotation => NoticeKind::Quotation,
            Self::Rfi => NoticeKind::Question,
        }
    }
}

#[derive(clap::Args)]
pub(crate) struct DiaryArgs {
    /// The contract's number.
    contract: u64,
    /// What happened: its hash goes to the ledger.
    content: String,
    /// The day, in days since 1970 [default: today].
    #[arg(long, value_name = "N")]
    day: Option<u32>,
    /// People on site.
    #[arg(long, value_name = "N", default_value_t = 0)]
    crew: u16,
    /// Machines.
    #[arg(long, value_name = "N", default_value_t = 0)]
    plant: u16,
    /// Weather by WMO code 4677.
    #[arg(long, value_name = "N", default_value_t = 0)]
    weather: u8,
}

fn container(name: &str) -> eyre::Result<Container> {
    let parts: Vec<&str> = name.split('-').collect();
    let [project, originator, volume, level, kind, role, number] = parts.as_slice() else {
        let form = "Project-Originator-Volume-Level-Type-Role-Number";
        return Err(Refused(format!("{name:?} is not of the form {form}")).into());
    };
    Ok(Container {
        project: short(project)?,
        originator: short(originator)?,
        volume: short(volume)?,
        level: short(level)?,
        kind: short(kind)?,
        role: short(role)?,
        number: short(number)?,
    })
}

fn revision(args: &RevisionArgs) -> eyre::Result<Revision> {
    let content = bytes(&args.file).map_err(|refusal| refusal.of(&args.file))?;
    Ok(Revision {
        revision: short(&args.revision)?,
        status: short(&args.status)?,
        content: B256::from(<[u8; 32]>::from(Sha256::digest(&content))),
        record: args.record.unwrap_or_default(),
        by: Address::ZERO,
        at: 0,
    })
}

pub(crate) fn doc(session: &dyn Session, verb: &DocVerb) -> eyre::Result<Answer> {
    match verb {
        DocVerb::Add {
            project,
            container: name,
            revision: args,
        } => {
            let call = addDocumentCall {
                project: *project,
                container: container(name)?,
                first: revision(args)?,
            };
            let told: DocumentRevised = act(session, &call)?;
            made("document", told.number)
        }
        DocVerb::Revise {
            document,
            revision: args,
        } => {
            let call = reviseDocumentCall {
                number: *document,
                revision: revision(args)?,
            };
            let data =
                json!({ "document": document, "revision": args.revision, "status": args.status });
            done(
                session,
                &call,
                data,
                &format!("{} {}", args.revision, args.status),
            )
        }
        DocVerb::Transmit {
            project,
            documents,
            recipients,
            reason,
        } => transmit(session, *project, documents, recipients, *reason),
        DocVerb::Ack { transmittal } => {
            let call = acknowledgeCall {
                number: *transmittal,
            };
            done(
                session,
                &call,
                json!({ "transmittal": transmittal, "acknowledged": true }),
                "acknowledged",
            )
        }
        DocVerb::Show {
            document: Some(document),
            ..
        } => {
            let found = ask(session, &documentCall { number: *document })?;
            let c = &found.container;
            let fields = [
                &c.project,
                &c.originator,
                &c.volume,
                &c.level,
                &c.kind,
                &c.role,
                &c.number,
            ];
            let name = fields.map(text).join("-");
            let data = json!({
                "document": document,
                "project": found.project,
                "container": name,
                "owner": found.owner,
                "revisions": found.revisions,
                "revision": text(&found.latest.revision),
                "status": text(&found.latest.status),
                "sha256": found.latest.content,
                "record": (!found.latest.record.is_zero()).then_some(found.latest.record),
                "at": found.latest.at,
            });
            let (revision, status) = (text(&found.latest.revision), text(&found.latest.status));
            Answer::of(&data, format!("{name} {revision} {status}"))
        }
        DocVerb::Show { transmittal, .. } => receipts(session, transmittal.unwrap_or_default()),
    }
}

fn transmit(
    session: &dyn Session,
    project: u64,
    documents: &[String],
    recipients: &[String],
    reason: Reason,
) -> eyre::Result<Answer> {
    let mut sheets = Vec::new();
    for named in documents {
        let wrong = || Refused(format!("{named:?} is not DOCUMENT or DOCUMENT:REVISION"));
        let (document, revision) = match named.split_once(':') {
            Some((document, revision)) => (
                document,
                Some(revision.parse::<u64>().map_err(|_| wrong())?),
            ),
            None => (named.as_str(), None),
        };
        let document: u64 = document.parse().map_err(|_| wrong())?;
        let revision = match revision {
            Some(revision) => revision,
            None => ask(session, &documentCall { number: document })?.revisions,
        };
        sheets.push(Sheet { document, revision });
    }
    let recipients = recipients.iter().map(|who| session.who(who));
    let call = transmitCall {
        project,
        reason: short(reason.word())?,
        sheets,
        recipients: recipients.collect::<eyre::Result<_>>()?,
    };
    let told: Transmitted = act(session, &call)?;
    made("transmittal", told.number)
}

fn receipts(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let found = ask(session, &transmittalCall { number })?;
    let mut rows = Vec::new();
    let receipts: Vec<Value> = found
        .receipts
        .iter()
        .map(|receipt| {
            let state = if receipt.acknowledgedAt == 0 {
                "deemed"
            } else {
                "acknowledged"
            };
            rows.push(vec![
                receipt.recipient.to_string(),
                state.to_owned(),
                receipt.receivedAt.to_string(),
            ]);
            json!({
                "recipient": receipt.recipient,
                "acknowledgedAt": receipt.acknowledgedAt,
                "receivedAt": receipt.receivedAt,
            })
        })
        .collect();
    let data = json!({
        "transmittal": number,
        "project": found.project,
        "by": found.by,
        "at": found.at,
        "reason": text(&found.reason),
        "receipts": receipts,
    });
    Answer::of(&data, table(&["recipient", "receipt", ">received"], &rows))
}

pub(crate) fn notice(session: &dyn Session, verb: &NoticeVerb) -> eyre::Result<Answer> {
    match verb {
        NoticeVerb::Give {
            contract,
            kind,
            content,
            to,
            aware,
            about,
        } => {
            let now = session.client()?.block_time()?;
            let call = giveNoticeCall {
                contract_: *contract,
                kind: kind.kind(),
                to: session.who(to)?,
                aware: aware.unwrap_or(now),
                about: *about,
                content: keccak256(content),
            };
            let told: NoticeGiven = act(session, &call)?;
            made("notice", told.number)
        }
        NoticeVerb::Ack { notice } => {
            let call = acknowledgeNoticeCall { number: *notice };
            done(
                session,
                &call,
                json!({ "notice": notice, "acknowledged": true }),
                "acknowledged",
            )
        }
        NoticeVerb::Answer {
            notice,
            word,
            content,
        } => {
            let accept = matches!(word, Word::Approve);
            let call = answerNoticeCall {
                number: *notice,
                accept,
                content: keccak256(content),
            };
            let text = if accept { "yes" } else { "no" };
            done(
                session,
                &call,
                json!({ "notice": notice, "answer": text }),
                text,
            )
        }
        NoticeVerb::Lapse { notice } => {
            let call = lapseNoticeCall { number: *notice };
            done(
                session,
                &call,
                json!({ "notice": notice, "lapsed": true }),
                "lapsed",
            )
        }
        NoticeVerb::Award(award) => super::award::state(session, award),
        NoticeVerb::Show { notice } => {
            let found = ask(session, &noticeCall { number: *notice })?;
            let silence = match found.silence {
                1 => Some("accepts"),
                2 => Some("rejects"),
                3 => Some("escalates"),
                _ => None,
            };
            let data = json!({
                "notice": notice,
                "contract": found.contract_,
                "from": found.from,
                "to": found.to,
                "at": found.at,
                "aware": found.aware,
                "about": (found.about != 0).then_some(found.about),
                "receivedAt": found.receivedAt,
                "replyDue": found.replyDue,
                "answer": said(found.answer),
                "answeredAt": found.answeredAt,
                "silence": silence,
            });
            let text = format!(
                "notice {notice}: answered {}, due {}",
                said(found.answer),
                found.replyDue
            );
            Answer::of(&data, text)
        }
    }
}

pub(crate) fn diary(session: &dyn Session, args: &DiaryArgs) -> eyre::Result<Answer> {
    let today = session.client()?.block_time()?.div_euclid(86_400);
    let day = args.day.unwrap_or(u32::try_from(today).unwrap_or(u32::MAX));
    let call = writeDiaryCall {
        contract_: args.contract,
        day,
        crew: args.crew,
        plant: args.plant,
        weather: args.weather,
        content: keccak256(&args.content),
    };
    done(
        session,
        &call,
        json!({ "contract": args.contract, "day": day }),
        "written",
    )
}
