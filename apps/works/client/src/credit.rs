//! `commonhold works credit replay`: scores computed again from exported events, by the names of
//! `vectors_CS-1.json`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use commonhold_session::Answer;
use commonhold_works_contract::{
    credit::{
        CREDIBILITY_UNKNOWN, Event, Flag, Role, Score, closure, notice, payment, quality, score,
        timeliness,
    },
    number::Overflow,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    refusal::{Refusal, json as document},
    table::table,
};

#[derive(Deserialize)]
struct VectorsForm {
    cases: Vec<CaseForm>,
    #[serde(default)]
    outcome_functions: BTreeMap<String, Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
struct CaseForm {
    #[serde(default)]
    name: String,
    role: String,
    epoch: u64,
    #[serde(default)]
    subject_group: String,
    #[serde(default)]
    beneficial_owner_group_of: BTreeMap<String, String>,
    #[serde(default)]
    counterparty_credibility: BTreeMap<String, u32>,
    events: Vec<EventForm>,
    #[serde(default)]
    flags: Vec<FlagForm>,
    expected: Option<Value>,
}

#[derive(Deserialize)]
struct EventForm {
    id: u64,
    dim: String,
    cp: String,
    o: u16,
    value: u64,
    ver: u8,
    t: u64,
    state: String,
}

#[derive(Deserialize)]
struct FlagForm {
    kind: String,
    t: u64,
    cleared: Option<u64>,
}

/// Computes the scores of all cases, and says which differ from what is expected of them.
///
/// # Errors
/// [`commonhold_session::Refused`].
pub fn replay(file: &Path) -> eyre::Result<Answer> {
    let form: VectorsForm = document(file)?;
    let (mut cases, mut rows, mut differ) = (Vec::new(), Vec::new(), Vec::new());
    for case in &form.cases {
        let refused = |refusal: Refusal| refusal.of(file);
        let found = of_case(case).map_err(refused)?;
        let expected = of_score(&found);
        if case
            .expected
            .as_ref()
            .is_some_and(|known| *known != expected)
        {
            differ.push(case.name.clone());
        }
        rows.push(row(case, &found));
        cases.push(json!({ "name": case.name, "role": case.role, "expected": expected }));
    }
    let functions = functions(&form.outcome_functions).map_err(|refusal| refusal.of(file))?;
    if functions != json!(form.outcome_functions) && has_outcomes(&form.outcome_functions) {
        differ.push("outcome_functions".into());
    }
    let data = json!({ "model": "CS-1", "cases": cases, "outcome_functions": functions });
    let head = [
        "case",
        "role",
        ">score",
        "grade",
        ">coverage",
        ">counterparties",
        ">after flags",
    ];
    let mut answer = Answer::of(&data, format!("CS-1\n\n{}", table(&head, &rows)))?;
    if !differ.is_empty() {
        answer.refused = Some(format!("not what the file expects: {}", differ.join("; ")));
    }
    Ok(answer)
}

fn has_outcomes(functions: &BTreeMap<String, Vec<Map<String, Value>>>) -> bool {
    let mut all = functions.values().flatten();
    all.all(|row| row.contains_key("o"))
}

fn of_case(case: &CaseForm) -> Result<Score, Refusal> {
    let role = Role::named(&case.role);
    let role = role.ok_or_else(|| {
        Refusal::malformed(format!("{:?} is none of EXEC, OWNER and SUPV", case.role))
    })?;
    let owner = |party: &String| case.beneficial_owner_group_of.get(party);
    let mut events = Vec::new();
    let mut seen = BTreeSet::new();
    for event in &case.events {
        let dimensions = role.dimensions();
        let dimension = dimensions
            .iter()
            .position(|weight| weight.name == event.dim);
        let dimension = dimension.ok_or_else(|| {
            let what = format!("event {}: {} has no {:?}", event.id, case.role, event.dim);
            Refusal::malformed(what)
        })?;
        if event.o > 10_000 || event.ver > 3 {
            let what = "an outcome has at most 10000, a verification at most 3";
            return Err(Refusal::malformed(format!("event {}: {what}", event.id)));
        }
        // What is delivered twice is one event.
        if !seen.insert(event.id) {
            continue;
        }
        events.push(Event {
            id: event.id,
            dimension,
            group: owner(&event.cp).unwrap_or(&event.cp),
            outcome: event.o,
            value: event.value,
            verification: event.ver,
            time: event.t,
            counts: event.state == "final",
        });
    }
    let mut flags = Vec::new();
    for flag in &case.flags {
        flags.push(match flag.kind.as_str() {
            "unpaid_award" => Flag::UnpaidAward {
                time: flag.t,
                cleared: flag.cleared,
            },
            kind if kind.contains("forgery") => Flag::Forgery { time: flag.t },
            kind => return Err(Refusal::malformed(format!("no flag is called {kind:?}"))),
        });
    }
    let known = &case.counterparty_credibility;
    let credibility = |group: &str| known.get(group).copied().unwrap_or(CREDIBILITY_UNKNOWN);
    score(
        role,
        case.epoch,
        &case.subject_group,
        &events,
        &flags,
        credibility,
    )
    .map_err(|e| Refusal::malformed(format!("{}: {e}", case.name)))
}

fn of_score(found: &Score) -> Value {
    let mut dimensions = Map::new();
    for dimension in &found.dimensions {
        let groups = dimension.groups.iter().map(|(name, group)| {
            let group = json!({ "W": group.raw, "mean": group.mean, "Wd": group.weight });
            (name.clone(), group)
        });
        let of = json!({
            "m_bp": dimension.mean,
            "n": dimension.weight,
            "groups": groups.collect::<Map<_, _>>(),
        });
        dimensions.insert(dimension.name.to_owned(), of);
    }
    json!({
        "score": found.score,
        "score_micro": found.micro,
        "coverage": found.coverage,
        "counterparties": found.counterparties,
        "grade": found.grade,
        "final_after_flags": found.after_flags,
        "dims": dimensions,
        "explain_leave_one_out_micro": found.explained,
    })
}

fn row(case: &CaseForm, found: &Score) -> Vec<String> {
    vec![
        case.name.clone(),
        case.role.clone(),
        found.score.to_string(),
        found.grade.to_owned(),
        found.coverage.to_string(),
        found.counterparties.to_string(),
        found.after_flags.to_string(),
    ]
}

/// Outcomes of facts, each row with its `o`.
fn functions(all: &BTreeMap<String, Vec<Map<String, Value>>>) -> Result<Value, Refusal> {
    let mut out = Map::new();
    for (name, rows) in all {
        let mut computed = Vec::new();
        for row in rows {
            let mut row = row.clone();
            let o = outcome(name, &row)?;
            row.insert("o".into(), o.into());
            computed.push(Value::Object(row));
        }
        out.insert(name.clone(), computed.into());
    }
    Ok(out.into())
}

fn outcome(name: &str, row: &Map<String, Value>) -> Result<u16, Refusal> {
    let get = |key: &str| {
        let number = row.get(key).and_then(Value::as_i64);
        number.ok_or_else(|| Refusal::malformed(format!("{name}: a row has no number {key}")))
    };
    let count = |key: &str| {
        let number = get(key)?;
        u64::try_from(number).map_err(|_| Refusal::malformed(format!("{name}: {key} is negative")))
    };
    let found = match name {
        "T" => timeliness(get("due_day")?, get("actual_day")?, get("planned_days")?),
        "D" => closure(get("allowed_days")?, get("taken_days")?),
        "N" => notice(get("period_days")?, get("taken_days")?),
        "P" => payment(get("days_late")?),
        "Q" => quality(count("submitted")?, count("passed_first")?),
        _ => return Err(Refusal::malformed(format!("no outcome is called {name:?}"))),
    };
    found.map_err(|e: Overflow| Refusal::malformed(e.to_string()))
}
