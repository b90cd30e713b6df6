//! What a folder of traces means for a work order, by the names of `expected_verdicts.json`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use commonhold_session::{Answer, Refused};
use commonhold_works_contract::{
    acceptance::{
        Status, Verdict,
        evidence::{Assessment, Direction, Examination, Examined, File, assess_by},
        fibre::{self, Measured, naive},
        integrity::Weight,
        pairs::Side,
    },
    arl,
    number::Overflow,
    sor::{Sor, parse},
    trace::Tolerance,
};
use serde_json::{Map, Value, json};

use super::{
    forms::{OrderForm, RulesetForm, arl_text, is_arl},
    shown::Shown,
    text,
    words::what,
};

use crate::{
    limits::FILES_MAX,
    refusal::{Refusal, bytes, json as document, name},
    table::{table, thousandths},
};

/// mdB of a rule that looks at one direction only, which many still use: what it would have said.
const NAIVE_LIMIT: i64 = 150;

/// A file of the folder.
struct Brought {
    name: String,
    bytes: Vec<u8>,
}

/// Judges a folder of traces by a work order and a ruleset: limits of FIBRE-OSP-1 as JSON, or a text of ARL-1.
///
/// # Errors
/// [`Refused`].
pub fn judge(order: &Path, ruleset: &Path, folder: &Path) -> eyre::Result<Answer> {
    let order: OrderForm = document(order)?;
    let (design, brought) = (order.design(), brought(folder)?);
    if is_arl(ruleset) {
        let rules = arl_text(ruleset)?.1;
        if rules.kind != arl::Kind::Fibre {
            return Err(Refused::file(ruleset, &"is no ruleset of fibres").into());
        }
        let named = format!("{} v{}", rules.name, rules.version);
        let by = |measured: &[Measured<'_>]| arl::fibre(&rules, &design, measured);
        return told(&named, &order, rules.tolerance(), &brought, by);
    }
    let rules: RulesetForm = document(ruleset)?;
    let limits = rules.limits.limits(&order.connector_polish);
    let limits = limits.map_err(|refusal| refusal.of(ruleset))?;
    let tolerance = rules.trace_consistency.tolerance();
    let tolerance = tolerance.map_err(|refusal| refusal.of(ruleset))?;
    let named = format!("{} v{}", rules.ruleset, rules.version);
    let by = |measured: &[Measured<'_>]| fibre::judge(&design, &limits, measured);
    told(&named, &order, tolerance, &brought, by)
}

/// What some rules say of the folder.
fn told<J: Shown>(
    named: &str,
    order: &OrderForm,
    tolerance: Tolerance,
    brought: &[Brought],
    by: impl Fn(&[Measured<'_>]) -> Result<J, Overflow>,
) -> eyre::Result<Answer> {
    let parsed: Vec<Option<Sor<'_>>> = brought.iter().map(|b| parse(&b.bytes).ok()).collect();
    let ends = directions(brought, &parsed, &order.enrolled_otdr_serials);
    let files = brought.iter().zip(&ends).map(|(brought, direction)| File {
        bytes: &brought.bytes,
        direction: *direction,
    });
    let files: Vec<_> = files.collect();
    let (design, terms) = (order.design(), order.terms(tolerance));
    let found = assess_by(&design, &terms, &files, by).map_err(|e| Refused(e.to_string()))?;
    let mut fibres = Map::new();
    for (fibre, examination) in &found.fibres {
        fibres.insert(text(fibre), of_fibre(examination, brought));
    }
    let (mut tampered, mut notes) = (Map::new(), Map::new());
    for (number, (brought_file, examined)) in brought.iter().zip(&found.files).enumerate() {
        let Some(weight) = examined.weight() else {
            continue;
        };
        let beside = (brought, parsed.as_slice(), ends.as_slice());
        let finding = of_file(number, &found.files, &tolerance, beside);
        let list = if weight == Weight::Note {
            &mut notes
        } else {
            &mut tampered
        };
        list.insert(brought_file.name.clone(), finding);
    }
    let without: Vec<String> = found.without.iter().map(|fibre| text(fibre)).collect();
    let data = json!({
        "work_order": order.work_order,
        "ruleset": named,
        "fibres": fibres,
        "tampered": tampered,
        "notes": notes,
        "without_evidence": without,
    });
    Answer::of(&data, report(named, order, &tolerance, &found, brought))
}

fn brought(folder: &Path) -> eyre::Result<Vec<Brought>> {
    let unreadable = |e: std::io::Error| Refusal::Unreadable(e.to_string()).of(folder);
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_trace = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("sor"));
        if is_trace {
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            let limit = "FILES_MAX";
            let refusal = Refusal::TooMuch {
                what: "files",
                limit,
                max: FILES_MAX,
            };
            return Err(refusal.of(folder).into());
        }
    }
    if paths.is_empty() {
        let refusal = Refusal::Unknown("holds no .sor file".into());
        return Err(refusal.of(folder).into());
    }
    paths.sort();
    let read = |path: &PathBuf| -> eyre::Result<Brought> {
        Ok(Brought {
            name: name(path),
            bytes: bytes(path).map_err(|refusal| refusal.of(path))?,
        })
    };
    paths.iter().map(read).collect()
}

/// From which end each file was measured: by `AB` or `BA` in its name; otherwise by its places, held against
/// those of files that say it, or of the order's first instrument; otherwise by the places' order.
fn directions(
    brought: &[Brought],
    parsed: &[Option<Sor<'_>>],
    serials: &[String],
) -> Vec<Direction> {
    let named = |brought: &Brought| {
        let mut parts = brought.name.split(|c: char| !c.is_ascii_alphanumeric());
        parts.find_map(|part| match part.to_ascii_uppercase().as_str() {
            "AB" => Some(Direction::Forth),
            "BA" => Some(Direction::Back),
            _ => None,
        })
    };
    let places = |sor: &Sor<'_>| (text(sor.general.place_a), text(sor.general.place_b));
    let mut forth: BTreeMap<(String, String), Direction> = BTreeMap::new();
    let mut learn = |(a, b): (String, String), direction: Direction| {
        let other = match direction {
            Direction::Forth => Direction::Back,
            Direction::Back => Direction::Forth,
        };
        if a != b {
            forth.entry((b.clone(), a.clone())).or_insert(other);
            forth.entry((a, b)).or_insert(direction);
        }
    };
    for (brought, sor) in brought.iter().zip(parsed) {
        if let (Some(direction), Some(sor)) = (named(brought), sor) {
            learn(places(sor), direction);
        }
    }
    for sor in parsed.iter().flatten() {
        let serial = text(sor.supplier.otdr_serial);
        if serials.len() > 1 && serials.first() == Some(&serial) {
            learn(places(sor), Direction::Forth);
        }
    }
    let one = |(brought, sor): (&Brought, &Option<Sor<'_>>)| {
        let by_place = || {
            let places = places(sor.as_ref()?);
            let known = forth.get(&places).copied();
            known.or_else(|| {
                let (a, b) = places;
                (a > b).then_some(Direction::Back)
            })
        };
        named(brought).or_else(by_place).unwrap_or(Direction::Forth)
    };
    brought.iter().zip(parsed).map(one).collect()
}

fn of_fibre<J: Shown>(found: &Examination<J>, brought: &[Brought]) -> Value {
    let sides: Vec<&Side> = found.sides.iter().collect();
    let simple = match naive(&sides, NAIVE_LIMIT) {
        Status::Fail => Verdict::Reject,
        _ => Verdict::Accept,
    };
    let files = found.files.iter().filter_map(|((nm, direction), number)| {
        let name = brought.get(*number)?.name.clone();
        Some((format!("{nm} {}", end(*direction)), name.into()))
    });
    let missing = found.missing.iter();
    let missing = missing.map(|(nm, direction)| format!("{nm} {}", end(*direction)));
    json!({
        "verdict": found.verdict.name(),
        "failed_rules": found.judged.failed(),
        "detail": found.judged.detail(),
        "values": found.judged.values(),
        "rules": found.judged.rules(),
        "files": files.collect::<Map<String, Value>>(),
        "missing": missing.collect::<Vec<_>>(),
        "naive_unidirectional_limit_150_mdb_would": simple.name(),
    })
}

const fn end(direction: Direction) -> &'static str {
    match direction {
        Direction::Forth => "AB",
        Direction::Back => "BA",
    }
}

/// What is found of a file, with the file that it comes from, where that lies beside it.
fn of_file(
    number: usize,
    found: &[Examined],
    tolerance: &Tolerance,
    (brought, parsed, ends): (&[Brought], &[Option<Sor<'_>>], &[Direction]),
) -> Value {
    let Some(examined) = found.get(number) else {
        return Value::Null;
    };
    let sor = parsed.get(number).and_then(Option::as_ref);
    let heaviest = examined
        .findings
        .iter()
        .max_by_key(|finding| finding.weight());
    let findings: Vec<Value> = examined
        .findings
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule(),
                "code": finding.code(),
                "what": what(*finding, examined, tolerance, sor),
            })
        })
        .collect();
    let from = examined
        .original
        .or_else(|| twin(number, parsed, ends, found));
    let from = from.and_then(|from| brought.get(from));
    let expect = heaviest.map(|heaviest| {
        let what = what(*heaviest, examined, tolerance, sor);
        format!("{}: {what}", heaviest.code())
    });
    json!({
        "derived_from": from.map(|from| &from.name),
        "expect": expect,
        "findings": findings,
    })
}

/// A clean file of the same instrument, second, fibre, wavelength and end.
fn twin(
    number: usize,
    parsed: &[Option<Sor<'_>>],
    ends: &[Direction],
    found: &[Examined],
) -> Option<usize> {
    let key = |number: usize| {
        let sor = parsed.get(number)?.as_ref()?;
        let general = &sor.general;
        let serial = sor.supplier.otdr_serial;
        let what = (general.fibre, general.wavelength_nm, ends.get(number)?);
        Some((serial, sor.fixed.time, what))
    };
    let own = key(number)?;
    (0..parsed.len()).find(|other| {
        let clean = found
            .get(*other)
            .is_some_and(|f| f.weight() <= Some(Weight::Note));
        *other != number && clean && key(*other) == Some(own)
    })
}

fn report<J: Shown>(
    named: &str,
    order: &OrderForm,
    tolerance: &Tolerance,
    found: &Assessment<J>,
    brought: &[Brought],
) -> String {
    let mut rows = Vec::new();
    for (fibre, examination) in &found.fibres {
        let loss = examination.judged.loss();
        let failed = examination.judged.failed();
        rows.push(vec![
            text(fibre),
            examination.verdict.name().to_owned(),
            loss.map_or_else(String::new, thousandths),
            failed.join(", "),
        ]);
    }
    for fibre in &found.without {
        let none = "no evidence that may be used";
        rows.push(vec![
            text(fibre),
            "INCOMPLETE".into(),
            String::new(),
            none.into(),
        ]);
    }
    let mut out = format!("{named}, order {}\n\n", order.work_order);
    out += &table(&["fibre", "verdict", ">worst loss dB", "fails"], &rows);
    let mut rows = Vec::new();
    for (brought, examined) in brought.iter().zip(&found.files) {
        let sor = parse(&brought.bytes).ok();
        let heavy = examined
            .findings
            .iter()
            .filter(|f| f.weight() > Weight::Note);
        for finding in heavy {
            rows.push(vec![
                brought.name.clone(),
                finding.rule().to_owned(),
                finding.code().to_owned(),
                what(*finding, examined, tolerance, sor.as_ref()),
            ]);
        }
    }
    if !rows.is_empty() {
        out += "\n\n";
        out += &table(&["file", "rule", "finding", "why"], &rows);
    }
    out
}
