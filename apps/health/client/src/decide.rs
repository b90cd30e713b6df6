//! `commonhold health decide`: data use decisions without a ledger, by the rule that the ledger runs
//! ([`duo::decide`]).
//!
//! ```json
//! { "disease_parents": { "MONDO:0005148": ["MONDO:0005015"] },
//!   "cases": [ { "id": "1",
//!     "dataset": { "permission": "DUO:0000007", "diseases": ["MONDO:0005015"],
//!                  "modifiers": [ { "code": "DUO:0000022", "value": ["DE"] } ] },
//!     "request": { "research": true, "disease": "MONDO:0005148", "country": "DE", "date": "2026-05-01" } } ] }
//! ```
//! What a request does not say is no, nothing or nobody. Parents of diseases that the file names count
//! before those that every ledger knows.

use std::{collections::BTreeMap, fmt::Write as _};

use alloy_primitives::B256;
use commonhold_health_contract::{
    diseases::{known, lineage},
    duo::{self, decide, has_date, has_values, name},
    interface::IHealth::{Circumstances, DataUse, Decision, Modifier, Profile, Verdict},
};
use serde::{Deserialize, Serialize};

use crate::{
    refusal::{Place, Refusal},
    source::Source,
    words::midnight,
};

#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    disease_parents: BTreeMap<String, Vec<String>>,
    cases: Vec<CaseForm>,
}

#[derive(Deserialize)]
struct CaseForm {
    id: String,
    dataset: DatasetForm,
    request: RequestForm,
}

#[derive(Deserialize)]
struct DatasetForm {
    permission: String,
    #[serde(default)]
    diseases: Vec<String>,
    #[serde(default)]
    modifiers: Vec<ModifierForm>,
}

#[derive(Deserialize)]
struct ModifierForm {
    code: String,
    #[serde(default)]
    value: Values,
}

/// What a modifier is of: names, a date, or nothing.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Values {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn list(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RequestForm {
    research: bool,
    health_biomedical: bool,
    methods_development: bool,
    population_ancestry: bool,
    genetic_study: bool,
    clinical_care: bool,
    commercial: bool,
    for_profit_org: bool,
    ethics_approval: bool,
    collaboration_agreed: bool,
    will_publish: bool,
    returns_results: bool,
    disease: Option<String>,
    country: Option<String>,
    institution: Option<String>,
    user: Option<String>,
    project: Option<String>,
    date: Option<String>,
}

/// The cases of a file, decided.
#[derive(Debug, Serialize)]
pub struct Decided {
    cases: Vec<Case>,
}

/// A case, decided.
#[derive(Debug, Serialize)]
struct Case {
    id: String,
    verdict: &'static str,
    reasons: Vec<&'static str>,
    obligations: Vec<String>,
}

/// Decides the cases of a file.
///
/// # Errors
/// A [`Refusal`] that names the case, where something in it is of no known form.
pub fn decide_file(source: &Source) -> Result<Decided, Refusal> {
    let form: Form = source.document()?;
    let mut parents = BTreeMap::new();
    for (term, up) in &form.disease_parents {
        let place = || Place::file().element("disease_parents");
        let up = up.iter().map(|term| mondo(term, place));
        parents.insert(mondo(term, place)?, up.collect::<Result<Vec<_>, _>>()?);
    }
    let decided = form.cases.iter().enumerate().map(|(number, case)| {
        let decision = case.decide(number, &parents)?;
        Ok(Case::new(case.id.clone(), &decision))
    });
    Ok(Decided {
        cases: decided.collect::<Result<_, _>>()?,
    })
}

impl Decided {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for case in &self.cases {
            let reasons = case.reasons.join("; ");
            let _ = write!(text, "{}  {}  {reasons}", case.id, case.verdict);
            if !case.obligations.is_empty() {
                let _ = write!(text, "  obliges to {}", case.obligations.join(", "));
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Case {
    fn new(id: String, decision: &Decision) -> Self {
        let reasons = decision.reasons.iter().map(|reason| duo::words(*reason));
        let obligations = decision.obligations.iter().map(|duty| duo::term(duty.code));
        Self {
            id,
            verdict: match decision.verdict {
                Verdict::Permit => "PERMIT",
                Verdict::Needs => "NEEDS",
                _ => "DENY",
            },
            reasons: reasons.collect(),
            obligations: obligations.collect(),
        }
    }
}

impl CaseForm {
    fn decide(
        &self,
        number: usize,
        parents: &BTreeMap<u32, Vec<u32>>,
    ) -> Result<Decision, Refusal> {
        let at = |element: &str| Place::file().element(&format!("cases[{number}].{element}"));
        let (dataset, request) = (&self.dataset, &self.request);
        let diseases = dataset.diseases.iter();
        let data_use = DataUse {
            permission: duo_code(&dataset.permission, || at("dataset.permission"))?,
            diseases: diseases
                .map(|term| mondo(term, || at("dataset.diseases")))
                .collect::<Result<_, _>>()?,
            modifiers: dataset.modifiers(at)?,
        };
        let disease = request.disease.as_deref();
        let disease = disease.map(|term| mondo(term, || at("request.disease")));
        let profile = request.profile(disease.transpose()?.unwrap_or(0));
        let date = match &request.date {
            Some(date) => seconds(date, || at("request.date"))?,
            None if data_use.modifiers.iter().any(|m| has_date(m.code)) => {
                let what = "is missing, and a term of the dataset depends on it";
                return Err(Refusal::malformed(at("request.date"), what));
            }
            None => 0,
        };
        let up = |terms: &[u32]| {
            let up = terms.iter().flat_map(|term| {
                let stated = parents.get(term).map(Vec::as_slice);
                stated.unwrap_or_else(|| known(*term))
            });
            Ok::<_, Refusal>(up.copied().collect())
        };
        let lineage = lineage(profile.disease, up)?;
        Ok(decide(&data_use, &profile, &request.given(date), &lineage))
    }
}

impl DatasetForm {
    fn modifiers(&self, at: impl Fn(&str) -> Place) -> Result<Vec<Modifier>, Refusal> {
        let mut rows = Vec::new();
        for (number, modifier) in self.modifiers.iter().enumerate() {
            let here = || at(&format!("dataset.modifiers[{number}]"));
            let code = duo_code(&modifier.code, here)?;
            let row = |value, time| Modifier { code, value, time };
            let values = modifier.value.list();
            if has_values(code) {
                // None would narrow the use down to nothing, or not at all: who wrote it says which.
                if values.is_empty() {
                    return Err(Refusal::malformed(here(), "lists nothing that it allows"));
                }
                rows.extend(values.iter().map(|value| row(name(value), 0)));
            } else if has_date(code) {
                let [date] = values else {
                    return Err(Refusal::malformed(here(), "has no date"));
                };
                rows.push(row(B256::ZERO, seconds(date, here)?));
            } else {
                rows.push(row(B256::ZERO, 0));
            }
        }
        Ok(rows)
    }
}

impl RequestForm {
    fn profile(&self, disease: u32) -> Profile {
        Profile {
            research: self.research,
            healthBiomedical: self.health_biomedical,
            methodsDevelopment: self.methods_development,
            populationAncestry: self.population_ancestry,
            geneticStudy: self.genetic_study,
            clinicalCare: self.clinical_care,
            commercial: self.commercial,
            forProfit: self.for_profit_org,
            willPublish: self.will_publish,
            returnsResults: self.returns_results,
            disease,
            country: named(self.country.as_deref()),
            institution: named(self.institution.as_deref()),
        }
    }

    fn given(&self, date: u64) -> Circumstances {
        Circumstances {
            ethicsApproval: self.ethics_approval,
            collaborationAgreed: self.collaboration_agreed,
            user: named(self.user.as_deref()),
            project: named(self.project.as_deref()),
            date,
        }
    }
}

fn named(text: Option<&str>) -> B256 {
    text.map(name).unwrap_or_default()
}

/// The number of a term of an ontology: 42 of `DUO:0000042`.
fn number<N: core::str::FromStr>(
    term: &str,
    ontology: &str,
    place: impl Fn() -> Place,
) -> Result<N, Refusal> {
    let digits = term
        .strip_prefix(ontology)
        .and_then(|rest| rest.strip_prefix(':'))
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| {
            let what = format!("is no term of {ontology}, as `{ontology}:` and its number");
            Refusal::malformed(place(), what)
        })
}

fn duo_code(term: &str, place: impl Fn() -> Place) -> Result<u16, Refusal> {
    number(term, "DUO", place)
}

fn mondo(term: &str, place: impl Fn() -> Place) -> Result<u32, Refusal> {
    number(term, "MONDO", place)
}

/// Midnight (UTC) of a date, seconds since 1970.
fn seconds(date: &str, place: impl Fn() -> Place) -> Result<u64, Refusal> {
    midnight(date)
        .ok_or_else(|| Refusal::malformed(place(), "is no date since 1970, as 2026-05-01"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(cases: &str) -> Result<Vec<Case>, String> {
        let file = Source::Bytes(format!("{{\"cases\": {cases}}}").into_bytes());
        decide_file(&file)
            .map(|d| d.cases)
            .map_err(|e| e.to_string())
    }

    fn case(dataset: &str, request: &str) -> String {
        format!(r#"[{{"id": "x", "dataset": {dataset}, "request": {request}}}]"#)
    }

    #[test]
    fn what_is_permitted_obliges() {
        let cases = case(
            r#"{"permission": "DUO:0000042", "modifiers": [{"code": "DUO:0000019"}, {"code": "DUO:0000022", "value": ["DE"]}]}"#,
            r#"{"research": true, "will_publish": true, "country": "DE"}"#,
        );
        let [only] = &decided(&cases).unwrap()[..] else {
            panic!()
        };
        assert_eq!(only.verdict, "PERMIT");
        assert_eq!(only.obligations, ["DUO:0000019"]);
        assert!(!only.reasons.is_empty());
    }

    #[test]
    fn diseases_lead_up_and_never_down() {
        let dataset = r#"{"permission": "DUO:0000007", "diseases": ["MONDO:0005015"]}"#;
        for (disease, verdict) in [
            ("MONDO:0005148", "PERMIT"),
            ("MONDO:0005015", "PERMIT"),
            ("MONDO:0005066", "DENY"),
        ] {
            let request = format!(
                r#"{{"research": true, "health_biomedical": true, "disease": "{disease}"}}"#
            );
            let cases = decided(&case(dataset, &request)).unwrap();
            assert_eq!(cases[0].verdict, verdict, "{disease}");
        }
    }

    #[test]
    fn what_has_no_known_form_is_refused_with_its_place() {
        let plain = r#"{"permission": "DUO:0000042"}"#;
        for (dataset, request, said) in [
            (
                r#"{"permission": "GRU"}"#,
                "{}",
                "cases[0].dataset.permission",
            ),
            (
                plain,
                r#"{"disease": "cancer"}"#,
                "cases[0].request.disease",
            ),
            (plain, r#"{"date": "May"}"#, "cases[0].request.date"),
            (
                r#"{"permission": "DUO:0000042", "modifiers": [{"code": "DUO:0000022"}]}"#,
                "{}",
                "lists nothing",
            ),
            (
                r#"{"permission": "DUO:0000042", "modifiers": [{"code": "DUO:0000024", "value": "2026-01-01"}]}"#,
                "{}",
                "is missing",
            ),
            ("{}", "{}", "permission"),
        ] {
            let why = decided(&case(dataset, request)).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
    }
}
