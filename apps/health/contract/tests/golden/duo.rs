//! Every case of `duo/cases.json` is decided as it says.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use commonhold_health_contract::{
    diseases::{known, lineage},
    duo::{self, decide, name},
    interface::IHealth::{Circumstances, DataUse, Modifier, Profile, Verdict},
};
use serde_json::Value;

use crate::data::{json, texts};

/// The number in `DUO:0000042` or `MONDO:0005015`.
fn number(term: &str) -> u32 {
    term.split_once(':').unwrap().1.parse().unwrap()
}

/// Midnight of a date, seconds since 1970.
fn seconds(date: &str) -> u64 {
    let part = |range: std::ops::Range<usize>| date.get(range).unwrap().parse::<i64>().unwrap();
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    // Days from civil, by eras of 400 years that begin in March.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    u64::try_from((era * 146_097 + day_of_era - 719_468) * 86_400).unwrap()
}

fn code(term: &Value) -> u16 {
    u16::try_from(number(term.as_str().unwrap())).unwrap()
}

fn data_use(dataset: &Value) -> DataUse {
    let mut modifiers = Vec::new();
    for modifier in dataset["modifiers"].as_array().into_iter().flatten() {
        let code = code(&modifier["code"]);
        let row = |value, time| Modifier { code, value, time };
        match &modifier["value"] {
            Value::Array(_) => {
                let rows = texts(&modifier["value"]);
                modifiers.extend(rows.into_iter().map(|text| row(name(text), 0)));
            }
            Value::String(date) => modifiers.push(row(B256::ZERO, seconds(date))),
            _ => modifiers.push(row(B256::ZERO, 0)),
        }
    }
    DataUse {
        permission: code(&dataset["permission"]),
        diseases: texts(&dataset["diseases"])
            .into_iter()
            .map(number)
            .collect(),
        modifiers,
    }
}

fn profile(request: &Value) -> Profile {
    let flag = |name: &str| request[name].as_bool().unwrap();
    let text = |name: &str| duo::name(request[name].as_str().unwrap());
    Profile {
        research: flag("research"),
        healthBiomedical: flag("health_biomedical"),
        methodsDevelopment: flag("methods_development"),
        populationAncestry: flag("population_ancestry"),
        geneticStudy: flag("genetic_study"),
        clinicalCare: flag("clinical_care"),
        commercial: flag("commercial"),
        forProfit: flag("for_profit_org"),
        willPublish: flag("will_publish"),
        returnsResults: flag("returns_results"),
        disease: request["disease"].as_str().map_or(0, number),
        country: text("country"),
        institution: text("institution"),
    }
}

fn given(request: &Value) -> Circumstances {
    let flag = |name: &str| request[name].as_bool().unwrap();
    Circumstances {
        ethicsApproval: flag("ethics_approval"),
        collaborationAgreed: flag("collaboration_agreed"),
        user: name(request["user"].as_str().unwrap()),
        project: name(request["project"].as_str().unwrap()),
        date: seconds(request["date"].as_str().unwrap()),
    }
}

#[test]
fn the_cases_are_decided_as_they_say() {
    let Some(cases) = json("duo/cases.json") else {
        return;
    };
    let parents: BTreeMap<u32, Vec<u32>> = cases["disease_parents"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(term, up)| (number(term), texts(up).into_iter().map(number).collect()))
        .collect();
    for (term, up) in &parents {
        assert_eq!(known(*term), up, "every ledger knows MONDO:{term:07}");
    }
    let cases = cases["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases {
        let (id, request) = (case["id"].as_str().unwrap(), &case["request"]);
        let (profile, given) = (profile(request), given(request));
        let up = |terms: &[u32]| {
            let all = terms.iter().filter_map(|term| parents.get(term)).flatten();
            Ok::<_, ()>(all.copied().collect())
        };
        let lineage = lineage(profile.disease, up).unwrap();
        let decision = decide(&data_use(&case["dataset"]), &profile, &given, &lineage);
        let verdict = match decision.verdict {
            Verdict::Deny => "DENY",
            Verdict::Needs => "NEEDS",
            _ => "PERMIT",
        };
        let expected = &case["expected"];
        assert_eq!(verdict, expected["verdict"], "{id}: {decision:?}");
        assert!(!decision.reasons.is_empty(), "{id} gives no reason");
        let duties = decision.obligations.iter().map(|duty| duty.code);
        let mut expected: Vec<u16> = expected["obligations"]
            .as_array()
            .map(|list| list.iter().map(code).collect())
            .unwrap_or_default();
        expected.sort_unstable();
        assert_eq!(duties.collect::<Vec<_>>(), expected, "{id}");
    }
}

#[test]
fn dates_are_days() {
    assert_eq!(seconds("1970-01-01"), 0);
    assert_eq!(seconds("2026-05-01"), 1_777_593_600);
    assert_eq!(seconds("2024-02-29"), 1_709_164_800);
}
