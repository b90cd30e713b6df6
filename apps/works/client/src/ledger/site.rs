//! `commonhold works inspect`, `defect` and `vary`.

use alloy_primitives::keccak256;
use clap::Subcommand;
use commonhold_session::{Answer, Session};
use commonhold_works_contract::interface::IWorks::{
    Answer as Said, DefectRaised, InspectionAsked, VariationProposed, answerDefectCall,
    answerVariationCall, askInspectionCall, defectCall, fixDefectCall, inspectCall, inspectionCall,
    proposeVariationCall, raiseDefectCall, variationCall,
};
use serde_json::json;

use super::{act, ask, contract::Word, done, hashed, made};

#[derive(Subcommand)]
pub(crate) enum InspectVerb {
    /// Ask for an inspection, as the contractor.
    Ask {
        /// The contract's number.
        contract: u64,
        /// The milestone's number in it.
        milestone: u16,
        /// By when, in days from now.
        #[arg(long, value_name = "N", default_value_t = 7)]
        days: u64,
    },
    /// Say what it found, as the certifier.
    Report {
        /// The inspection's number.
        inspection: u64,
        /// What you say.
        word: Word,
        /// The report: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        report: String,
    },
    /// Tell how an inspection stands.
    Show {
        /// Its number.
        inspection: u64,
    },
}

#[derive(Subcommand)]
pub(crate) enum DefectVerb {
    /// Raise a defect, as owner or certifier.
    Raise {
        /// The contract's number.
        contract: u64,
        /// What it is: its hash goes to the ledger.
        what: String,
        /// The milestone's number; without it, of none.
        #[arg(long, value_name = "N", default_value_t = 0)]
        milestone: u16,
        /// 1 grave, 2 to be mended, 3 small.
        #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
        category: u8,
        /// Days to mend it.
        #[arg(long, value_name = "N", default_value_t = 14)]
        days: u32,
    },
    /// Say that it is mended, as the contractor.
    Fix {
        /// The defect's number.
        defect: u64,
    },
    /// Close a mended defect, or say why it is not.
    Answer {
        /// The defect's number.
        defect: u64,
        /// What you say.
        word: Word,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT", required_if_eq("word", "refuse"))]
        reason: Option<String>,
    },
    /// Tell how a defect stands.
    Show {
        /// Its number.
        defect: u64,
    },
}

#[derive(Subcommand)]
pub(crate) enum VaryVerb {
    /// Propose a variation, as owner or contractor.
    Propose {
        /// The contract's number.
        contract: u64,
        /// What it is: its hash goes to the ledger.
        what: String,
        /// Thousandths of its quantity.
        #[arg(long, value_name = "N", default_value_t = 0)]
        quantity_milli: u64,
        /// The rate in minor units.
        #[arg(long, value_name = "N", default_value_t = 0)]
        rate_minor: u64,
        /// It leaves something out.
        #[arg(long)]
        omits: bool,
        /// Days by which what is due moves.
        #[arg(long, value_name = "N", default_value_t = 0)]
        days: u32,
    },
    /// Answer a variation, as the other side.
    Answer {
        /// The variation's number.
        variation: u64,
        /// What you say.
        word: Word,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT", required_if_eq("word", "refuse"))]
        reason: Option<String>,
    },
    /// Tell how a variation stands.
    Show {
        /// Its number.
        variation: u64,
    },
}

/// What somebody said.
pub(crate) const fn said(said: Said) -> &'static str {
    match said {
        Said::Yes => "yes",
        Said::No => "no",
        _ => "nothing yet",
    }
}

pub(crate) fn inspect(session: &dyn Session, verb: &InspectVerb) -> eyre::Result<Answer> {
    match verb {
        InspectVerb::Ask {
            contract,
            milestone,
            days,
        } => {
            let now = session.client()?.block_time()?;
            let call = askInspectionCall {
                contract_: *contract,
                milestone: *milestone,
                // A minute more: the block that takes it is a later one.
                dueAt: now
                    .saturating_add(days.saturating_mul(86_400))
                    .saturating_add(60),
            };
            let told: InspectionAsked = act(session, &call)?;
            made("inspection", told.number)
        }
        InspectVerb::Report {
            inspection,
            word,
            report,
        } => {
            let passed = matches!(word, Word::Approve);
            let call = inspectCall {
                number: *inspection,
                passed,
                report: keccak256(report),
            };
            let text = if passed { "passed" } else { "not passed" };
            done(
                session,
                &call,
                json!({ "inspection": inspection, "passed": passed }),
                text,
            )
        }
        InspectVerb::Show { inspection } => {
            let found = ask(
                session,
                &inspectionCall {
                    number: *inspection,
                },
            )?;
            let data = json!({
                "inspection": inspection,
                "contract": found.contract_,
                "milestone": found.milestone,
                "askedAt": found.askedAt,
                "dueAt": found.dueAt,
                "doneAt": found.doneAt,
                "passed": said(found.passed),
                "report": found.report,
            });
            Answer::of(
                &data,
                format!("inspection {inspection}: {}", said(found.passed)),
            )
        }
    }
}

pub(crate) fn defect(session: &dyn Session, verb: &DefectVerb) -> eyre::Result<Answer> {
    match verb {
        DefectVerb::Raise {
            contract,
            what,
            milestone,
            category,
            days,
        } => {
            let call = raiseDefectCall {
                contract_: *contract,
                milestone: *milestone,
                category: *category,
                allowedDays: *days,
                what: keccak256(what),
            };
            let told: DefectRaised = act(session, &call)?;
            made("defect", told.number)
        }
        DefectVerb::Fix { defect } => {
            let call = fixDefectCall { number: *defect };
            done(
                session,
                &call,
                json!({ "defect": defect, "state": "mended" }),
                "mended",
            )
        }
        DefectVerb::Answer {
            defect,
            word,
            reason,
        } => {
            let closed = matches!(word, Word::Approve);
            let call = answerDefectCall {
                number: *defect,
                closed,
                reason: hashed(reason.as_deref()),
            };
            let state = if closed { "closed" } else { "open" };
            done(
                session,
                &call,
                json!({ "defect": defect, "state": state }),
                state,
            )
        }
        DefectVerb::Show { defect } => {
            let found = ask(session, &defectCall { number: *defect })?;
            let state = match (found.closedAt, found.fixedAt) {
                (0, 0) => "open",
                (0, _) => "mended",
                _ => "closed",
            };
            let data = json!({
                "defect": defect,
                "contract": found.contract_,
                "milestone": found.milestone,
                "category": found.category,
                "state": state,
                "raisedBy": found.raisedBy,
                "raisedAt": found.raisedAt,
                "allowedDays": found.allowedDays,
                "fixedAt": found.fixedAt,
                "closedAt": found.closedAt,
            });
            Answer::of(&data, format!("defect {defect}: {state}"))
        }
    }
}

pub(crate) fn vary(session: &dyn Session, verb: &VaryVerb) -> eyre::Result<Answer> {
    match verb {
        VaryVerb::Propose {
            contract,
            what,
            quantity_milli,
            rate_minor,
            omits,
            days,
        } => {
            let call = proposeVariationCall {
                contract_: *contract,
                quantity: *quantity_milli,
                rate: *rate_minor,
                omits: *omits,
                extensionDays: *days,
                what: keccak256(what),
            };
            let told: VariationProposed = act(session, &call)?;
            made("variation", told.number)
        }
        VaryVerb::Answer {
            variation,
            word,
            reason,
        } => {
            let accept = matches!(word, Word::Approve);
            let call = answerVariationCall {
                number: *variation,
                accept,
                reason: hashed(reason.as_deref()),
            };
            let text = if accept { "agreed" } else { "refused" };
            done(
                session,
                &call,
                json!({ "variation": variation, "agreed": accept }),
                text,
            )
        }
        VaryVerb::Show { variation } => {
            let found = ask(session, &variationCall { number: *variation })?;
            let data = json!({
                "variation": variation,
                "contract": found.contract_,
                "by": found.by,
                "quantityMilli": found.quantity,
                "rateMinor": found.rate,
                "omits": found.omits,
                "extensionDays": found.extensionDays,
                "answer": said(found.answer),
                "answeredAt": found.answeredAt,
            });
            Answer::of(
                &data,
                format!("variation {variation}: {}", said(found.answer)),
            )
        }
    }
}
