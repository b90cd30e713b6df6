//! `commonhold works contract` and `milestone`.

use std::path::PathBuf;

use alloy_primitives::{U256, keccak256};
use clap::{Subcommand, ValueEnum};
use commonhold_session::{Answer, Session};
use commonhold_works_contract::{
    ADDRESS,
    interface::IWorks::{
        ContractOffered, ContractState, Milestone, MilestoneState, acceptContractCall,
        addLinesCall, addMilestonesCall, agreeShareCall, claimMilestoneCall, contractOfCall,
        formContractCall, fundCall, milestonesCall, nameSubcontractorCall, objectToCall,
        refundCall, registerRulesetCall, settleMilestoneCall, signMilestoneCall,
    },
    limits::{LINES_PER_CALL_MAX, MILESTONES_PER_CALL_MAX},
};
use serde_json::{Value, json};

use super::{
    act, ask, done,
    forms::{ContractForm, ruleset},
    hashed, short, text,
};
use crate::{
    bill,
    refusal::{bytes, json as document},
    table::{hundredths, table},
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Offer a contract for your package: terms and milestones, a bill of quantities, a ruleset.
    #[command(after_help = "\
Examples:
  commonhold works contract offer contract.json bill.csv ruleset.json --account operator
  commonhold works contract accept 1 --account builder
  commonhold works contract fund 1 110000.00 --account operator

What is set aside pays certificates: nobody takes it out but by them, until the contract is closed.")]
    Offer {
        /// Terms and milestones, as JSON.
        contract: PathBuf,
        /// The bill of quantities, as CSV or XLSX.
        bill: PathBuf,
        /// The ruleset that measurements are held against: a text of ARL-1 (.arl), limits of FIBRE-OSP-1 or the
        /// design of a radio site as JSON, or a name: FIBRE-OSP-1, RADIO-1.
        ruleset: PathBuf,
        /// The connectors' polish, by which the ruleset's reflectance is chosen.
        #[arg(long, value_name = "POLISH", default_value = "UPC")]
        polish: String,
    },
    /// Agree to a contract, as its contractor.
    Accept {
        /// The contract's number.
        contract: u64,
    },
    /// Set money aside for a contract, as its owner.
    Fund {
        /// The contract's number.
        contract: u64,
        /// How much, in whole units of money, with its cents.
        amount: String,
    },
    /// Name a subcontractor that gets a share of every payment, as the contractor.
    Sub {
        /// The contract's number.
        contract: u64,
        /// Who.
        who: String,
        /// Permille.
        permille: u16,
    },
    /// Agree to a share, as the subcontractor.
    Agree {
        /// The contract's number.
        contract: u64,
    },
    /// Give back what is set aside, once the contract is closed and paid.
    Refund {
        /// The contract's number.
        contract: u64,
    },
    /// Tell how a contract stands.
    Show {
        /// The contract's number.
        contract: u64,
    },
}

#[derive(Subcommand)]
pub(crate) enum StepVerb {
    /// Say that a milestone is done, as the contractor.
    Claim(Step),
    /// Object to a claimed milestone within its window, as owner or certifier.
    Object {
        #[command(flatten)]
        step: Step,
        /// The rule that it fails.
        #[arg(long, value_name = "RULE")]
        rule: String,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Sign a milestone, or refuse to with a reason.
    Sign {
        #[command(flatten)]
        step: Step,
        /// What you say.
        word: Word,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT", required_if_eq("word", "refuse"))]
        reason: Option<String>,
    },
    /// Certify a milestone whose window went by. Anybody may.
    Settle(Step),
}

#[derive(clap::Args)]
pub(crate) struct Step {
    /// The contract's number.
    contract: u64,
    /// The milestone's number in it.
    milestone: u16,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Word {
    Approve,
    Refuse,
}

pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Offer {
            contract,
            bill,
            ruleset,
            polish,
        } => offer(session, contract, bill, ruleset, polish),
        Verb::Accept { contract } => {
            let sum = ask(session, &contractOfCall { number: *contract })?.sum;
            let call = acceptContractCall {
                number: *contract,
                sum,
            };
            let data = json!({ "contract": contract, "sumMinor": sum });
            let cents = i64::try_from(sum).unwrap_or(i64::MAX);
            done(
                session,
                &call,
                data,
                &format!("contract {contract} binds, sum {}", hundredths(cents)),
            )
        }
        Verb::Fund { contract, amount } => {
            let found = ask(session, &contractOfCall { number: *contract })?;
            let minor = commonhold_works_contract::decimal::small(amount, 2)
                .and_then(|minor| u64::try_from(minor).ok());
            let minor = minor.ok_or_else(|| {
                commonhold_session::Refused(format!("{amount:?} is no amount with two places"))
            })?;
            let unit = found.offer.terms.unitsPerMinor;
            let amount = U256::from(minor).saturating_mul(U256::from(unit));
            let call = fundCall {
                number: *contract,
                amount,
            };
            let (client, account) = (session.client()?, session.account()?);
            client.token_approve(&account, ADDRESS, amount)?;
            let data = json!({ "contract": contract, "minor": minor, "units": amount.to_string() });
            done(
                session,
                &call,
                data,
                &format!("{minor} minor units are set aside"),
            )
        }
        Verb::Sub {
            contract,
            who,
            permille,
        } => {
            let subcontractor = session.who(who)?;
            let call = nameSubcontractorCall {
                number: *contract,
                subcontractor,
                permille: *permille,
            };
            let data = json!({ "contract": contract, "subcontractor": subcontractor, "permille": permille });
            done(
                session,
                &call,
                data,
                "named; the share holds once they agree",
            )
        }
        Verb::Agree { contract } => {
            let call = agreeShareCall { number: *contract };
            done(
                session,
                &call,
                json!({ "contract": contract, "agreed": true }),
                "agreed",
            )
        }
        Verb::Refund { contract } => {
            let call = refundCall { number: *contract };
            done(
                session,
                &call,
                json!({ "contract": contract, "refunded": true }),
                "given back",
            )
        }
        Verb::Show { contract } => show(session, *contract),
    }
}

fn offer(
    session: &dyn Session,
    contract: &std::path::Path,
    bill_file: &std::path::Path,
    ruleset_file: &std::path::Path,
    polish: &str,
) -> eyre::Result<Answer> {
    let form: ContractForm = document(contract)?;
    let bill = bytes(bill_file).and_then(|bytes| bill::read(&bytes));
    let bill = bill.map_err(|refusal| refusal.of(bill_file))?;
    let (milestones, lines) = (form.milestones()?, form.lines(&bill)?);
    let ruleset = ruleset(ruleset_file, polish)?;
    let pinned = keccak256(&ruleset);
    let offer = form.offer(session, pinned)?;
    let (client, account) = (session.client()?, session.account()?);
    client.send_call(&account, ADDRESS, &registerRulesetCall { ruleset })?;
    let told: ContractOffered = act(session, &formContractCall { offer })?;
    let number = told.number;
    for some in milestones.chunks(MILESTONES_PER_CALL_MAX) {
        let milestones = some.to_vec();
        client.send_call(&account, ADDRESS, &addMilestonesCall { number, milestones })?;
    }
    for some in lines.chunks(LINES_PER_CALL_MAX) {
        let lines = some.to_vec();
        client.send_call(&account, ADDRESS, &addLinesCall { number, lines })?;
    }
    let data = json!({
        "contract": number,
        "ruleset": pinned,
        "lines": lines.len(),
        "milestones": milestones.len(),
    });
    Answer::of(&data, number.to_string())
}

const fn state(state: ContractState) -> &'static str {
    match state {
        ContractState::Offered => "offered",
        ContractState::Running => "running",
        ContractState::Completed => "completed",
        _ => "closed",
    }
}

const fn step_state(state: MilestoneState) -> &'static str {
    match state {
        MilestoneState::Open => "open",
        MilestoneState::Claimed => "claimed",
        MilestoneState::Objected => "objected",
        MilestoneState::Certified => "certified",
        _ => "refused",
    }
}

fn show(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let found = ask(session, &contractOfCall { number })?;
    let (from, max) = (0, 100);
    let steps = ask(session, &milestonesCall { number, from, max })?.page;
    let mut rows = Vec::new();
    let step = |(place, step): (usize, &Milestone)| -> Value {
        rows.push(vec![
            place.to_string(),
            text(&step.offer.title),
            step_state(step.state).to_owned(),
            format!("{}/{}", step.accepted, step.orders),
        ]);
        json!({
            "milestone": place,
            "title": text(&step.offer.title),
            "state": step_state(step.state),
            "dueAt": step.offer.dueAt,
            "tested": step.offer.tested,
            "orders": step.orders,
            "accepted": step.accepted,
            "graveDefects": step.graveDefects,
            "claimedAt": step.claimedAt,
            "certifiedAt": step.certifiedAt,
        })
    };
    let steps: Vec<Value> = (1..).zip(&steps).map(step).collect();
    let data = json!({
        "contract": number,
        "state": state(found.state),
        "owner": found.owner,
        "contractor": found.offer.contractor,
        "certifier": found.offer.certifier,
        "package": found.offer.package,
        "ruleset": found.offer.ruleset,
        "sumMinor": found.sum,
        "addedMinor": found.added,
        "omittedMinor": found.omitted,
        "extensionDays": found.extensionDays,
        "lines": found.lines,
        "openDefects": found.openDefects,
        "certificates": found.certificates,
        "paid": found.paid,
        "paidMinor": found.paidMinor,
        "milestones": steps,
    });
    let cents = |minor: u64| hundredths(i64::try_from(minor).unwrap_or(i64::MAX));
    let text = format!(
        "contract {number}: {}, sum {}, paid {}, {} open defects\n\n{}",
        state(found.state),
        cents(found.sum),
        cents(found.paidMinor),
        found.openDefects,
        table(&[">milestone", "title", "state", "orders"], &rows),
    );
    Answer::of(&data, text)
}

pub(crate) fn step(session: &dyn Session, verb: &StepVerb) -> eyre::Result<Answer> {
    let told = |step: &Step, state: &str| json!({ "contract": step.contract, "milestone": step.milestone, "state": state });
    match verb {
        StepVerb::Claim(step) => {
            let call = claimMilestoneCall {
                contract_: step.contract,
                milestone: step.milestone,
            };
            done(session, &call, told(step, "claimed"), "claimed")
        }
        StepVerb::Object { step, rule, reason } => {
            let call = objectToCall {
                contract_: step.contract,
                milestone: step.milestone,
                rule: short(rule)?,
                reason: hashed(Some(reason)),
            };
            done(session, &call, told(step, "objected"), "objected")
        }
        StepVerb::Sign { step, word, reason } => {
            let approve = matches!(word, Word::Approve);
            let call = signMilestoneCall {
                contract_: step.contract,
                milestone: step.milestone,
                approve,
                reason: hashed(reason.as_deref()),
            };
            let said = if approve { "signed" } else { "refused" };
            done(session, &call, told(step, said), said)
        }
        StepVerb::Settle(step) => {
            let call = settleMilestoneCall {
                contract_: step.contract,
                milestone: step.milestone,
            };
            done(session, &call, told(step, "certified"), "certified")
        }
    }
}
