//! Answers of Withings' interface, one a file: measurements of the body, activity, sleep.

use super::{document, kept, wrong};
use crate::{
    Contents, Kind,
    days::Day,
    json::{Node, Sketch},
    refusal::Refusal,
    slice::Sensitivity,
    source::{Coat, Source},
};

/// A file looks like an answer.
pub(crate) fn is(sketch: &Sketch) -> bool {
    let known = |key: &str| matches!(key, "status" | "body" | "error");
    sketch.open == b'{' && sketch.has("status") && sketch.keys().all(known)
}

/// Reads a file.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let text = source.document_bytes(coat)?;
    let answer = document(&text)?;
    if answer.get("status").and_then(Node::number) != Some(0.0) {
        return wrong(
            "status",
            "is not 0: this is an error and not data; ask Withings again",
        );
    }
    let Some(body) = answer.get("body").filter(|body| body.is_object()) else {
        return wrong("body", "is missing");
    };
    let mut contents = Contents::new(Kind::Withings);
    let mut known = false;
    for (name, entry) in [("measuregrps", group as Entry), ("activities", activity)] {
        if let Some(list) = body.get(name) {
            let Node::Array(entries) = list else {
                return wrong(&format!("body.{name}"), "is no list");
            };
            for (i, node) in entries.iter().enumerate() {
                entry(node, &format!("body.{name}[{i}]"), &mut contents)?;
            }
            contents.counts.add(name, entries.len() as u64);
            contents.records += entries.len() as u64;
            known = true;
        }
    }
    if let Some(series) = body.get("series") {
        let entries = match series {
            Node::Array(entries) => nights(entries, &mut contents)?,
            Node::Object(members) => minutes(members, &mut contents)?,
            _ => return wrong("body.series", "is no list"),
        };
        contents.counts.add("series", entries);
        contents.records += entries;
        known = true;
    }
    if !known {
        return wrong("body", "has neither measuregrps nor activities nor series");
    }
    contents.people_count = 1;
    kept(source, contents, coat, Sensitivity::none())
}

type Entry = fn(&Node<'_>, &str, &mut Contents) -> Result<(), Refusal>;

/// The day of a time in seconds since 1970.
fn unix(node: Option<&Node<'_>>) -> Option<Day> {
    Day::of_unix(i64::try_from(node?.whole()?).ok()?)
}

fn group(node: &Node<'_>, path: &str, contents: &mut Contents) -> Result<(), Refusal> {
    let Some(day) = unix(node.get("date")) else {
        return wrong(&format!("{path}.date"), "is no time");
    };
    contents.days.add(Some(day));
    for (i, measure) in node.list("measures").iter().enumerate() {
        for number in ["type", "unit", "value"] {
            if measure.get(number).and_then(Node::number).is_none() {
                return wrong(&format!("{path}.measures[{i}].{number}"), "is no number");
            }
        }
    }
    Ok(())
}

fn activity(node: &Node<'_>, path: &str, contents: &mut Contents) -> Result<(), Refusal> {
    let Some(day) = node.str("date").and_then(Day::of) else {
        return wrong(&format!("{path}.date"), "is no day");
    };
    contents.days.add(Some(day));
    Ok(())
}

fn nights(entries: &[Node<'_>], contents: &mut Contents) -> Result<u64, Refusal> {
    for (i, entry) in entries.iter().enumerate() {
        for time in ["startdate", "enddate"] {
            let Some(day) = unix(entry.get(time)) else {
                return wrong(&format!("body.series[{i}].{time}"), "is no time");
            };
            contents.days.add(Some(day));
        }
    }
    Ok(entries.len() as u64)
}

fn minutes(
    members: &[(std::borrow::Cow<'_, str>, Node<'_>)],
    contents: &mut Contents,
) -> Result<u64, Refusal> {
    for (i, (time, entry)) in members.iter().enumerate() {
        let Some(day) = time.parse().ok().and_then(Day::of_unix) else {
            return wrong(&format!("body.series.[{i}]"), "stands under no time");
        };
        if !entry.is_object() {
            return wrong(&format!("body.series.[{i}]"), "is no entry");
        }
        contents.days.add(Some(day));
    }
    Ok(members.len() as u64)
}
