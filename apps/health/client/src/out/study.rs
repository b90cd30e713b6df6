//! A study as FHIR R4 ResearchStudy.
//!
//! The ledger has the hash of the protocol, and of each endpoint its level and hashes of its identifier and
//! text: objectives are named by these. Who has the protocol finds them in it.

use alloy_primitives::B256;
use commonhold_health_contract::interface::IHealth::{self, Endpoint, Level, Version};
use serde_json::{Value, json};

use super::{
    events::extension,
    terms::{self, concept},
};

/// The ResearchStudy of a study and its latest version.
pub(crate) fn study(study: &IHealth::Study, version: &Version) -> Value {
    let profile = &study.profile;
    let mut resource = json!({
        "resourceType": "ResearchStudy",
        "id": format!("study-{}", study.number),
        "identifier": [
            terms::identifier("study", study.number),
            terms::identifier("usdm-sha256", version.usdmHash),
        ],
        "title": format!("Study {}", study.number),
        "status": status(study),
        "principalInvestigator": terms::account(study.investigator),
        "extension": extensions(study, version),
    });
    let Some(members) = resource.as_object_mut() else {
        return resource;
    };
    if let Some(start) = terms::time(study.firstEnrolled).filter(|_| study.firstEnrolled != 0) {
        let mut period = json!({ "start": start });
        if let (Some(end), Some(period)) = (terms::time(study.locked), period.as_object_mut())
            && study.locked >= study.firstEnrolled
        {
            period.insert("end".to_owned(), end.into());
        }
        members.insert("period".to_owned(), period);
    }
    if profile.disease != 0 {
        let code = format!("MONDO:{:07}", profile.disease);
        let disease = json!([{ "coding": [{ "system": terms::MONDO, "code": code }] }]);
        members.insert("condition".to_owned(), disease);
    }
    if !profile.country.is_zero() {
        let country = json!([{ "text": terms::word(&profile.country) }]);
        members.insert("location".to_owned(), country);
    }
    if !profile.institution.is_zero() {
        let sponsor = terms::named("institution", terms::word(&profile.institution));
        members.insert("sponsor".to_owned(), sponsor);
    }
    if !version.endpoints.is_empty() {
        let objectives: Vec<Value> = version.endpoints.iter().map(objective).collect();
        members.insert("objective".to_owned(), objectives.into());
    }
    resource
}

/// Where it stands, in FHIR's words.
const fn status(study: &IHealth::Study) -> &'static str {
    if study.suspendedAt != 0 {
        "temporarily-closed-to-accrual"
    } else if study.locked != 0 {
        "closed-to-accrual"
    } else if study.approvedVersion == 0 {
        "in-review"
    } else if study.firstEnrolled != 0 {
        "active"
    } else {
        "approved"
    }
}

fn objective(endpoint: &Endpoint) -> Value {
    let (code, display) = match endpoint.level {
        Level::Primary => ("primary", "Primary"),
        Level::Secondary => ("secondary", "Secondary"),
        _ => ("exploratory", "Exploratory"),
    };
    json!({
        "name": endpoint.id.to_string(),
        "type": concept(
            "http://terminology.hl7.org/CodeSystem/research-study-objective-type",
            code,
            display,
        ),
        "extension": [extension("endpoint-text", endpoint.text.to_string())],
    })
}

fn extensions(study: &IHealth::Study, version: &Version) -> Vec<Value> {
    let mut of = vec![
        extension("protocol-version", study.versions.to_string()),
        extension("ethics-board", study.board.to_string()),
    ];
    let mut time = |name: &str, seconds: u64| {
        if let Some(time) = terms::time(seconds).filter(|_| seconds != 0) {
            of.push(json!({ "url": terms::url(name), "valueDateTime": time }));
        }
    };
    time("registered", study.registeredAt);
    time("version-registered", version.time);
    time("database-locked", study.locked);
    time("unblinded", study.unblinded);
    time("approved-until", study.approvedUntil);
    time("suspended", study.suspendedAt);
    if study.datasetHash != B256::ZERO {
        of.push(extension("dataset-sha256", study.datasetHash.to_string()));
    }
    if study.reports != 0 {
        of.push(extension("reports", study.reports.to_string()));
    }
    of
}
