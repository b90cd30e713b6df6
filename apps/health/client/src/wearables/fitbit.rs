//! Answers of Fitbit's interface, one a file: activities, series of a day or a minute, sleep, weight.

use super::{document, kept, wrong};
use crate::{
    Contents, Kind,
    days::Day,
    json::{Node, Sketch},
    refusal::Refusal,
    slice::Sensitivity,
    source::{Coat, Source},
};

/// Lists of entries that stand under a name of their own: the name, what says when, and what must be a
/// number.
const LISTS: &[(&str, &str, &[&str])] = &[
    ("activities", "startDate", &["logId"]),
    ("fat", "date", &["fat"]),
    ("sleep", "startTime", &["duration"]),
    ("weight", "date", &["weight"]),
];

/// What else may stand in an answer.
const BESIDE: &[&str] = &["summary", "goals", "pagination", "meta"];

/// A file looks like an answer.
pub(crate) fn is(sketch: &Sketch) -> bool {
    let known = |key: &str| {
        series(key) || LISTS.iter().any(|(name, ..)| *name == key) || BESIDE.contains(&key)
    };
    sketch.open == b'{'
        && sketch.keys().all(known)
        && sketch.keys().any(|key| !BESIDE.contains(&key))
}

fn series(key: &str) -> bool {
    ["activities-", "foods-", "body-", "sleep-"]
        .iter()
        .any(|start| key.starts_with(start))
}

/// Reads a file.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let text = source.document_bytes(coat)?;
    let answer = document(&text)?;
    let mut contents = Contents::new(Kind::Fitbit);
    for (key, value) in answer.members() {
        let listed = LISTS.iter().find(|(name, ..)| name == key);
        if key.ends_with("-intraday") {
            intraday(key, value, &mut contents)?;
        } else if let Some((name, time, numbers)) = listed {
            list(name, value, time, numbers, &mut contents)?;
        } else if series(key) {
            list(key, value, "dateTime", &[], &mut contents)?;
        } else if !value.is_object() {
            return wrong(key, "is none of Fitbit's forms");
        }
    }
    contents.people_count = 1;
    kept(source, contents, coat, Sensitivity::none())
}

fn list(
    name: &str,
    value: &Node<'_>,
    time: &str,
    numbers: &[&str],
    contents: &mut Contents,
) -> Result<(), Refusal> {
    let Node::Array(entries) = value else {
        return wrong(name, "is no list");
    };
    for (i, entry) in entries.iter().enumerate() {
        let Some(day) = entry.str(time).and_then(Day::of) else {
            return wrong(&format!("{name}[{i}].{time}"), "is no day");
        };
        contents.days.add(Some(day));
        for number in numbers {
            if entry.get(number).and_then(Node::number).is_none() {
                return wrong(&format!("{name}[{i}].{number}"), "is no number");
            }
        }
        let zones = entry.get("heartRateZones").is_some();
        if numbers.is_empty() && entry.get("value").is_none() && !zones {
            return wrong(&format!("{name}[{i}].value"), "is missing");
        }
    }
    count(name, entries.len(), contents);
    Ok(())
}

fn intraday(name: &str, value: &Node<'_>, contents: &mut Contents) -> Result<(), Refusal> {
    let Some(Node::Array(entries)) = value.get("dataset") else {
        return wrong(&format!("{name}.dataset"), "is no list");
    };
    for (i, entry) in entries.iter().enumerate() {
        if !entry
            .str("time")
            .is_some_and(|time| time.len() == 8 || time.len() == 5)
        {
            return wrong(
                &format!("{name}.dataset[{i}].time"),
                "is no time of the day",
            );
        }
        if entry.get("value").and_then(Node::number).is_none() {
            return wrong(&format!("{name}.dataset[{i}].value"), "is no number");
        }
    }
    count(name, entries.len(), contents);
    Ok(())
}

fn count(name: &str, entries: usize, contents: &mut Contents) {
    let plain = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    contents
        .counts
        .add(if plain { name } else { "other" }, entries as u64);
    contents.records += entries as u64;
}
