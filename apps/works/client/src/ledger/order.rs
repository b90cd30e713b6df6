//! `commonhold works order` and `verdict`.

use std::path::PathBuf;

use alloy_primitives::B256;
use clap::Subcommand;
use commonhold_session::{Answer, Session};
use commonhold_works_contract::{
    ADDRESS,
    interface::IWorks::{
        Fibre, OrderIssued, Outcome, RuleStatus, Verdict, decideReviewCall, fibreCall,
        issueOrderCall, orderOfCall, outcomesCall,
    },
    orders::names,
};
use serde_json::{Value, json};

use super::{
    act, ask, done,
    evidence::numbers,
    forms::{Site, design},
    hashed, short, text,
};
use crate::table::table;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Issue a work order, as owner or certifier: of fibres, or of the sectors of a radio site.
    Issue {
        /// The contract's number.
        contract: u64,
        /// The milestone's number in it.
        milestone: u16,
        /// What is to be measured, as JSON.
        file: PathBuf,
        /// The instruments' device ids; of fibres in the order of the file's serial numbers.
        #[arg(
            long = "device",
            value_name = "ID",
            required = true,
            value_delimiter = ','
        )]
        devices: Vec<B256>,
        /// Where instruments have to be: latitude and longitude in 1e-7 degrees, and millimetres around it. A radio
        /// site has its place in its design.
        #[arg(long, value_name = "LAT,LON,MM", allow_hyphen_values = true)]
        site: Option<String>,
    },
    /// Tell what an order asks for, and the nonces that instruments sign along.
    Show {
        /// The order's number.
        order: u64,
    },
}

#[derive(clap::Args)]
pub(crate) struct VerdictArgs {
    /// The order's number.
    order: u64,
    /// One fibre or sector, with what every rule says of it.
    fibre: Option<String>,
    /// Decide a fibre or a sector that is to be reviewed, as certifier.
    #[arg(long, value_name = "WORD", requires = "fibre", requires = "reason")]
    decide: Option<super::contract::Word>,
    /// Why: its hash goes to the ledger.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Issue {
            contract,
            milestone,
            file,
            devices,
            site,
        } => {
            let site = site.as_deref().map(|site| {
                let [latitude, longitude, mm] = numbers(site, "LAT,LON,MM")?;
                eyre::Ok(Site {
                    latitude,
                    longitude,
                    radius_mm: u64::try_from(mm).unwrap_or_default(),
                })
            });
            let site = site.transpose()?;
            let call = issueOrderCall {
                contract_: *contract,
                milestone: *milestone,
                design: design(file, devices, site.as_ref())?,
            };
            let told: OrderIssued = act(session, &call)?;
            let data = json!({ "order": told.number, "fibres": told.fibres });
            Answer::of(&data, told.number.to_string())
        }
        Verb::Show { order } => show(session, *order),
    }
}

pub(crate) const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "ACCEPT",
        Verdict::Review => "REVIEW",
        Verdict::Reject => "REJECT",
        _ => "INCOMPLETE",
    }
}

/// The fibres of an order.
fn fibres(session: &dyn Session, order: u64, names: &[B256]) -> eyre::Result<Vec<(String, Fibre)>> {
    let client = session.client()?;
    let one = |name: &B256| {
        let found = client.call(ADDRESS, &fibreCall { order, name: *name })?;
        Ok((text(name), found))
    };
    names.iter().map(one).collect()
}

fn show(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let found = ask(session, &orderOfCall { number })?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for (name, fibre) in fibres(session, number, &names(&found.design))? {
        let verdict = verdict_name(fibre.verdict);
        rows.push(vec![
            name.clone(),
            verdict.to_owned(),
            fibre.nonce.to_string(),
        ]);
        all.push(json!({
            "fibre": name,
            "attempt": fibre.attempt,
            "nonce": fibre.nonce,
            "verdict": verdict,
            "reviewUntil": fibre.reviewUntil,
        }));
    }
    let data = json!({
        "order": number,
        "contract": found.contract_,
        "milestone": found.milestone,
        "cable": text(&found.design.cable),
        "wavelengthsNm": found.design.wavelengths,
        "lengthMm": found.design.lengthMm,
        "accepted": found.accepted,
        "first": found.first,
        "doneAt": found.doneAt,
        "fibres": all,
    });
    Answer::of(&data, table(&["fibre", "verdict", "nonce"], &rows))
}

pub(crate) fn outcome(outcome: &Outcome) -> Value {
    let status = match outcome.status {
        RuleStatus::Pass => "PASS",
        RuleStatus::Marginal => "MARGINAL",
        RuleStatus::Insufficient => "INSUFFICIENT",
        _ => "FAIL",
    };
    json!({
        "id": text(&outcome.rule),
        "wavelength_nm": (outcome.wavelength != 0).then_some(outcome.wavelength),
        "value": outcome.measured.then_some(outcome.value),
        "limit": outcome.limit,
        "unit": text(&outcome.unit),
        "margin": outcome.measured.then_some(outcome.margin),
        "status": status,
    })
}

pub(crate) fn verdict(session: &dyn Session, args: &VerdictArgs) -> eyre::Result<Answer> {
    let order = args.order;
    let Some(fibre) = &args.fibre else {
        let found = ask(session, &orderOfCall { number: order })?;
        let (mut rows, mut all) = (Vec::new(), serde_json::Map::new());
        for (name, fibre) in fibres(session, order, &names(&found.design))? {
            let verdict = verdict_name(fibre.verdict);
            rows.push(vec![name.clone(), verdict.to_owned()]);
            all.insert(name, verdict.into());
        }
        return Answer::of(&all, table(&["fibre", "verdict"], &rows));
    };
    let name = short(fibre)?;
    if let Some(word) = args.decide {
        let accept = matches!(word, super::contract::Word::Approve);
        let call = decideReviewCall {
            order,
            fibre: name,
            accept,
            reason: hashed(args.reason.as_deref()),
        };
        let said = if accept { "ACCEPT" } else { "REJECT" };
        return done(
            session,
            &call,
            json!({ "fibre": fibre, "verdict": said }),
            said,
        );
    }
    let found = ask(session, &outcomesCall { order, name })?;
    let rules: Vec<Value> = found.all.iter().map(outcome).collect();
    let rows: Vec<Vec<String>> = rules
        .iter()
        .map(|rule| {
            let cell = |name: &str| match &rule[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            [
                "id",
                "wavelength_nm",
                "value",
                "limit",
                "unit",
                "margin",
                "status",
            ]
            .map(cell)
            .to_vec()
        })
        .collect();
    let verdict = verdict_name(found.verdict);
    let data = json!({ "fibre": fibre, "verdict": verdict, "rules": rules });
    let head = [
        "rule", ">nm", ">value", ">limit", "unit", ">margin", "status",
    ];
    Answer::of(
        &data,
        format!("{fibre}: {verdict}\n\n{}", table(&head, &rows)),
    )
}
