//! `commonhold health study check`: what is reported of a protocol.
//!
//! It holds a report against a protocol without a ledger, by the rule that the ledger runs
//! ([`compare`]). A report is in the form of ClinicalTrials.gov: `resultsSection.outcomeMeasuresModule.
//! outcomeMeasures`, each with `type` (`PRIMARY`, `SECONDARY`, `OTHER_PRE_SPECIFIED`, `POST_HOC`) and
//! `title`, and with `usdmEndpointId` where it says which endpoint it reports. What is not `POSTED` is not
//! reported.

use std::fmt::Write as _;

use alloy_primitives::{B256, keccak256};
use commonhold_health_contract::{
    interface::IHealth::{self, Consistency, Reported, Reporting, Switch},
    outcomes::{compare, text_hash, verdict},
};
use serde::{Deserialize, Serialize};

use crate::{
    cdisc::usdm::{Endpoint, Level, Protocol},
    refusal::{Place, Refusal},
    source::Source,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportForm {
    results_section: ResultsForm,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultsForm {
    outcome_measures_module: MeasuresForm,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeasuresForm {
    outcome_measures: Vec<OutcomeForm>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeForm {
    #[serde(rename = "type")]
    level: String,
    title: String,
    usdm_endpoint_id: Option<String>,
    reporting_status: Option<String>,
}

impl OutcomeForm {
    /// Whether there are results: `NOT_POSTED` announces some.
    fn is_posted(&self) -> bool {
        let status = self.reporting_status.as_deref();
        status.is_none_or(|status| status == "POSTED")
    }
}

/// What is found in a report.
#[derive(Debug, Serialize)]
pub struct Checked {
    verdict: &'static str,
    findings: Vec<Finding>,
}

/// A difference between what was promised and what is reported.
#[derive(Debug, Serialize)]
struct Finding {
    /// The endpoint's identifier in the protocol; none where an outcome is of no endpoint.
    endpoint: Option<String>,
    finding: &'static str,
}

/// Holds a report against a protocol.
///
/// # Errors
/// A [`Refusal`] of one of the two; which, says the first of the pair.
pub fn check(protocol: &Source, report: &Source) -> Result<Checked, (Which, Refusal)> {
    let of_protocol = |refusal| (Which::Protocol, refusal);
    let protocol = Protocol::read(protocol).map_err(of_protocol)?;
    let reported = reported(report).map_err(|refusal| (Which::Report, refusal))?;
    let endpoints: Vec<IHealth::Endpoint> =
        protocol.endpoints.iter().map(Endpoint::on_ledger).collect();
    let findings = compare(&endpoints, &[], &reported);
    let id = |hash: B256| {
        let mut known = protocol.endpoints.iter();
        known
            .find(|endpoint| keccak256(&endpoint.id) == hash)
            .map(|endpoint| endpoint.id.clone())
    };
    Ok(Checked::of(verdict(&findings), &findings, |finding| {
        id(finding.endpoint)
    }))
}

/// One of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// What was promised.
    Protocol,
    /// What is reported.
    Report,
}

impl Endpoint {
    /// As the ledger knows it. Texts say when something is measured, so the time point is not said again.
    pub(crate) fn on_ledger(&self) -> IHealth::Endpoint {
        IHealth::Endpoint {
            id: keccak256(&self.id),
            level: match self.level {
                Level::Primary => IHealth::Level::Primary,
                Level::Secondary => IHealth::Level::Secondary,
                Level::Exploratory => IHealth::Level::Exploratory,
            },
            text: text_hash(&self.text),
            timePoint: B256::ZERO,
        }
    }
}

/// The outcomes of a report.
pub(crate) fn reported(report: &Source) -> Result<Vec<Reported>, Refusal> {
    let form: ReportForm = report.document()?;
    let outcomes = form
        .results_section
        .outcome_measures_module
        .outcome_measures;
    let posted = outcomes.iter().enumerate();
    let posted = posted.filter(|(_, outcome)| outcome.is_posted());
    let all = posted.map(|(number, outcome)| {
        let level = match outcome.level.as_str() {
            "PRIMARY" => Reporting::Primary,
            "SECONDARY" => Reporting::Secondary,
            "OTHER_PRE_SPECIFIED" => Reporting::Other,
            "POST_HOC" => Reporting::PostHoc,
            _ => {
                let place =
                    format!("resultsSection.outcomeMeasuresModule.outcomeMeasures[{number}].type");
                let what = "is none of PRIMARY, SECONDARY, OTHER_PRE_SPECIFIED and POST_HOC";
                return Err(Refusal::malformed(Place::file().element(&place), what));
            }
        };
        let endpoint = outcome.usdm_endpoint_id.as_ref();
        Ok(Reported {
            endpoint: endpoint.map(keccak256).unwrap_or_default(),
            level,
            text: text_hash(&outcome.title),
            timePoint: B256::ZERO,
        })
    });
    all.collect()
}

/// A finding by COMPare's name.
const fn code(what: Switch) -> &'static str {
    match what {
        Switch::PrimaryOmitted => "PRIMARY_OMITTED",
        Switch::PrimaryDemoted => "PRIMARY_DEMOTED",
        Switch::SecondaryPromoted => "SECONDARY_PROMOTED",
        Switch::ExploratoryPromoted => "EXPLORATORY_PROMOTED",
        Switch::SecondaryOmitted => "SECONDARY_OMITTED",
        Switch::NovelUndeclared => "NOVEL_UNDECLARED",
        Switch::NovelDeclared => "NOVEL_DECLARED",
        _ => "DEFINITION_CHANGED",
    }
}

impl Checked {
    /// A verdict with its findings, whose endpoints `id` names.
    pub(crate) fn of(
        verdict: Consistency,
        findings: &[IHealth::Finding],
        id: impl Fn(&IHealth::Finding) -> Option<String>,
    ) -> Self {
        let finding = |finding: &IHealth::Finding| Finding {
            endpoint: id(finding),
            finding: code(finding.what),
        };
        Self {
            verdict: match verdict {
                Consistency::Consistent => "CONSISTENT",
                Consistency::ConsistentWithDeclaredAdditions => {
                    "CONSISTENT_WITH_DECLARED_ADDITIONS"
                }
                _ => "SWITCHED",
            },
            findings: findings.iter().map(finding).collect(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = self.verdict.to_owned();
        for finding in &self.findings {
            let endpoint = finding.endpoint.as_deref().unwrap_or("no endpoint");
            let _ = write!(text, "\n  {endpoint}: {}", finding.finding);
        }
        text
    }
}
