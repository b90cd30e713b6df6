//! Every labelled report of the CDISC pilot study is judged as it is labelled.

use alloy_primitives::{B256, keccak256};
use commonhold_health_contract::{
    interface::IHealth::{Consistency, Endpoint, Level, Reported, Reporting, Switch},
    outcomes::{compare, text_hash, verdict},
};
use serde_json::{Value, json};

use crate::data;

/// The endpoints of a USDM document, in its order.
fn endpoints(usdm: &Value) -> Vec<Endpoint> {
    let objectives = usdm["study"]["versions"][0]["studyDesigns"][0]["objectives"]
        .as_array()
        .unwrap();
    objectives
        .iter()
        .flat_map(|objective| objective["endpoints"].as_array().unwrap())
        .map(|endpoint| Endpoint {
            id: keccak256(endpoint["id"].as_str().unwrap()),
            level: match endpoint["level"]["decode"].as_str().unwrap() {
                "Primary Endpoint" => Level::Primary,
                "Secondary Endpoint" => Level::Secondary,
                _ => Level::Exploratory,
            },
            text: text_hash(endpoint["text"].as_str().unwrap()),
            timePoint: B256::ZERO,
        })
        .collect()
}

fn reported(report: &Value) -> Vec<Reported> {
    let outcomes = &report["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"];
    outcomes
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| Reported {
            endpoint: outcome["usdmEndpointId"]
                .as_str()
                .map(keccak256)
                .unwrap_or_default(),
            level: match outcome["type"].as_str().unwrap() {
                "PRIMARY" => Reporting::Primary,
                "SECONDARY" => Reporting::Secondary,
                "POST_HOC" => Reporting::PostHoc,
                _ => Reporting::Other,
            },
            text: text_hash(outcome["title"].as_str().unwrap()),
            timePoint: B256::ZERO,
        })
        .collect()
}

const fn name(what: Switch) -> &'static str {
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

#[test]
fn the_labelled_reports_are_judged_as_labelled() {
    let folder = "trials/outcome_switch/cdisc_pilot";
    let Some(usdm) = data::json("trials/usdm/CDISC_Pilot_Study.json") else {
        return;
    };
    let Some(expected) = data::json(&format!("{folder}/expected.json")) else {
        return;
    };
    let endpoints = endpoints(&usdm);
    let id = |hash: B256| {
        let known = (1..=endpoints.len()).map(|n| format!("Endpoint_{n}"));
        known.into_iter().find(|id| keccak256(id) == hash)
    };
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 10);
    for (name_of_report, expected) in expected {
        let report = data::json(&format!("{folder}/{name_of_report}.json")).unwrap();
        let findings = compare(&endpoints, &[], &reported(&report));
        let verdict = match verdict(&findings) {
            Consistency::Consistent => "CONSISTENT",
            Consistency::Switched => "SWITCHED",
            _ => "CONSISTENT_WITH_DECLARED_ADDITIONS",
        };
        let told: Vec<Value> = findings
            .iter()
            .map(|f| json!({ "endpoint": id(f.endpoint), "finding": name(f.what) }))
            .collect();
        let actual = json!({ "verdict": verdict, "findings": told });
        assert_eq!(&actual, expected, "{name_of_report}");
    }
}
