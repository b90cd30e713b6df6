//! Measurements of Open mHealth, and of IEEE 1752.1, which took them over: what is measured, a value with
//! a unit, and a time.
//!
//! A file is one measurement, a list of them, or one to a line; each a body alone or a data point of
//! header and body. The rules are those of the official schemas (github.com/openmhealth/schemas, at
//! 36078a89), of the newest version of each measurement, written down here as a table: the schemas use of
//! JSON Schema no more than the table has, and a general validator would change features of libraries that
//! the whole tree shares. Beyond the schemas times must be times, which JSON Schema leaves to whoever
//! checks.

use super::{document, kept};
use crate::{
    Contents, Kind,
    days::Day,
    json::{Cursor, Limit, Node, Sketch},
    limits::ROW_BYTES_MAX,
    refusal::{Place, Refusal},
    slice::Sensitivity,
    source::{Coat, Source},
};

/// A measurement.
struct Measure {
    /// As headers name it.
    name: &'static str,
    /// Values with units that it must have, and the units.
    values: &'static [(&'static str, &'static [&'static str])],
    /// It takes some time.
    interval: bool,
    /// Words that it may have, and which.
    words: &'static [(&'static str, &'static [&'static str])],
}

const STATISTIC: &[&str] = &[
    "average",
    "count",
    "maximum",
    "median",
    "minimum",
    "standard deviation",
    "sum",
    "variance",
    "20th percentile",
    "80th percentile",
    "lower quartile",
    "upper quartile",
    "quartile deviation",
    "1st quintile",
    "2nd quintile",
    "3rd quintile",
    "4th quintile",
];
const STATISTICS: (&str, &[&str]) = ("descriptive_statistic", STATISTIC);
const SLEEP: (&str, &[&str]) = (
    "temporal_relationship_to_sleep",
    &["before sleeping", "during sleep", "on waking"],
);
const ACTIVITY: (&str, &[&str]) = (
    "temporal_relationship_to_physical_activity",
    &[
        "at rest",
        "active",
        "before exercise",
        "after exercise",
        "during exercise",
    ],
);
const MEAL: (&str, &[&str]) = (
    "temporal_relationship_to_meal",
    &[
        "fasting",
        "not fasting",
        "before meal",
        "after meal",
        "before breakfast",
        "after breakfast",
        "before lunch",
        "after lunch",
        "before dinner",
        "after dinner",
        "2 hours postprandial",
        "with meal",
        "with food",
    ],
);
const SPECIMEN: (&str, &[&str]) = (
    "specimen_source",
    &[
        "breath",
        "capillary blood",
        "interstitial fluid",
        "saliva",
        "sweat",
        "tears",
        "urine",
    ],
);
const MASS: &[&str] = &[
    "fg",
    "pg",
    "ng",
    "ug",
    "mg",
    "g",
    "kg",
    "Metric Ton",
    "gr",
    "oz",
    "lb",
    "Ton",
];
const LENGTH: &[&str] = &[
    "fm", "pm", "nm", "um", "mm", "cm", "m", "km", "in", "ft", "yd", "mi",
];
const DURATION: &[&str] = &[
    "ps", "ns", "us", "ms", "sec", "min", "h", "d", "wk", "Mo", "yr",
];

/// What must be an object with a value that is a number, and a unit.
const MEASURES: &[Measure] = &[
    Measure {
        name: "heart-rate",
        values: &[("heart_rate", &["beats/min"])],
        interval: false,
        words: &[STATISTICS, SLEEP, ACTIVITY],
    },
    Measure {
        name: "step-count",
        values: &[("step_count", &["steps"])],
        interval: true,
        words: &[STATISTICS],
    },
    Measure {
        name: "blood-glucose",
        values: &[("blood_glucose", &["mg/dL", "mmol/L"])],
        interval: false,
        words: &[STATISTICS, SLEEP, MEAL, SPECIMEN],
    },
    Measure {
        name: "body-weight",
        values: &[("body_weight", MASS)],
        interval: false,
        words: &[STATISTICS],
    },
    Measure {
        name: "body-height",
        values: &[("body_height", LENGTH)],
        interval: false,
        words: &[STATISTICS],
    },
    Measure {
        name: "body-mass-index",
        values: &[("body_mass_index", &["kg/m^2", "kg/m2"])],
        interval: false,
        words: &[STATISTICS],
    },
    Measure {
        name: "blood-pressure",
        values: &[
            ("systolic_blood_pressure", &["mmHg"]),
            ("diastolic_blood_pressure", &["mmHg"]),
        ],
        interval: false,
        words: &[STATISTICS, ACTIVITY],
    },
    Measure {
        name: "body-temperature",
        values: &[("body_temperature", &["K", "F", "C"])],
        interval: false,
        words: &[STATISTICS, SLEEP],
    },
    Measure {
        name: "oxygen-saturation",
        values: &[("oxygen_saturation", &["%"])],
        interval: false,
        words: &[
            STATISTICS,
            ("system", &["peripheral capillary"]),
            ("measurement_method", &["pulse oximetry"]),
            ("oxygen_therapy_mode_of_administration", &["nasal cannula"]),
        ],
    },
    Measure {
        name: "respiratory-rate",
        values: &[("respiratory_rate", &["breaths/min"])],
        interval: false,
        words: &[STATISTICS, ACTIVITY],
    },
    Measure {
        name: "sleep-duration",
        values: &[("sleep_duration", &["sec", "min", "h"])],
        interval: true,
        words: &[STATISTICS],
    },
    Measure {
        name: "total-sleep-time",
        values: &[("total_sleep_time", DURATION)],
        interval: true,
        words: &[STATISTICS],
    },
];

/// A file looks like measurements.
pub(crate) fn is(sketch: &Sketch) -> bool {
    let known = |key: &str| {
        MEASURES
            .iter()
            .any(|m| m.values.iter().any(|(k, _)| *k == key))
    };
    sketch.has_all(&["header", "body"])
        || sketch.has("effective_time_frame")
        || sketch.keys().any(known)
        || sketch
            .keys()
            .any(|key| key == "date_time" || key == "time_interval")
}

/// Reads a file.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let text = source.document_bytes(coat)?;
    let mut contents = Contents::new(Kind::OpenMhealth);
    let mut cursor = Cursor::new(text.as_slice());
    let list = cursor.peek()? == Some(b'[');
    if list {
        cursor.expect(b'[', "")?;
    }
    let mut first = true;
    let mut point = Vec::new();
    loop {
        let more = if list {
            cursor.element(&mut first)?
        } else {
            cursor.peek()?.is_some()
        };
        if !more {
            break;
        }
        point.clear();
        cursor.value(&mut point, Limit::new(ROW_BYTES_MAX, "ROW_BYTES_MAX"))?;
        let place = Place::record(contents.records + 1);
        let node = document(&point).map_err(|r| Refusal::at(place.clone(), r.reason))?;
        data_point(&node, &mut contents)
            .map_err(|(path, what)| Refusal::malformed(place.element(&path), what))?;
        contents.records += 1;
    }
    if list && cursor.peek()?.is_some() {
        return Err(Refusal::malformed(
            cursor.place(),
            "something follows the list",
        ));
    }
    contents.people_count = 1;
    kept(source, contents, coat, Sensitivity::none())
}

/// What is wrong, and where.
type Fault = (String, &'static str);

fn fault<T>(path: impl Into<String>, what: &'static str) -> Result<T, Fault> {
    Err((path.into(), what))
}

fn data_point(point: &Node<'_>, contents: &mut Contents) -> Result<(), Fault> {
    let Some(header) = point.get("header") else {
        return body(point, None, contents);
    };
    let name = header.at(&["schema_id", "name"]).and_then(Node::text);
    let Some(name) = name else {
        return fault("header.schema_id.name", "is missing");
    };
    if header.str("id").or_else(|| header.str("uuid")).is_none() {
        return fault("header.id", "is missing");
    }
    let created = header
        .str("creation_date_time")
        .or_else(|| header.str("source_creation_date_time"));
    if !created.is_some_and(is_time) {
        return fault("header.creation_date_time", "is no time with a zone");
    }
    let Some(inner) = point.get("body").filter(|body| body.is_object()) else {
        return fault("body", "is missing");
    };
    body(inner, Some(name), contents).map_err(|(path, what)| (format!("body.{path}"), what))
}

fn body(body: &Node<'_>, name: Option<&str>, contents: &mut Contents) -> Result<(), Fault> {
    let has = |m: &&Measure| m.values.iter().any(|(key, _)| body.get(key).is_some());
    let measure = match name {
        Some(name) => MEASURES.iter().find(|m| m.name == name),
        None => MEASURES.iter().find(has),
    };
    let Some(measure) = measure else {
        if name.is_some() {
            return fault(
                "header.schema_id.name",
                "is no measurement that is known here",
            );
        }
        if body.get("date_time").is_some() || body.get("time_interval").is_some() {
            contents.counts.add("time-frame", 1);
            return frame(body, "", false, contents);
        }
        return fault("", "is no measurement that is known here");
    };
    for (key, units) in measure.values {
        match body.get(key) {
            None => return fault(*key, "is missing"),
            Some(value) => unit_value(value, key, units)?,
        }
    }
    match body.get("effective_time_frame") {
        None => return fault("effective_time_frame", "is missing"),
        Some(node) => frame(node, "effective_time_frame", measure.interval, contents)?,
    }
    for (key, allowed) in measure.words {
        if let Some(word) = body.get(key)
            && !word.text().is_some_and(|word| allowed.contains(&word))
        {
            return fault(*key, "is none of the words that stand for it");
        }
    }
    if body
        .get("descriptive_statistic_denominator")
        .is_some_and(|d| d.text().is_none())
    {
        return fault("descriptive_statistic_denominator", "is no text");
    }
    contents.counts.add(measure.name, 1);
    Ok(())
}

fn unit_value(node: &Node<'_>, path: &str, units: &[&str]) -> Result<(), Fault> {
    if node.get("value").and_then(Node::number).is_none() {
        return fault(format!("{path}.value"), "is no number");
    }
    if !node.str("unit").is_some_and(|unit| units.contains(&unit)) {
        return fault(
            format!("{path}.unit"),
            "is none of the units of this measurement",
        );
    }
    Ok(())
}

fn frame(
    frame: &Node<'_>,
    path: &str,
    interval: bool,
    contents: &mut Contents,
) -> Result<(), Fault> {
    let path = |element: &str| {
        if path.is_empty() {
            element.to_owned()
        } else {
            format!("{path}.{element}")
        }
    };
    match (frame.get("date_time"), frame.get("time_interval")) {
        (Some(_), None) if interval => fault(
            path("date_time"),
            "is an instant, but this is measured over some time: time_interval says how long",
        ),
        (Some(time), None) => at(time, &path("date_time"), contents),
        (None, Some(inner)) => time_interval(inner, &path("time_interval"), contents),
        (Some(_), Some(_)) => fault(
            path("time_interval"),
            "stands beside date_time; one of them is meant",
        ),
        (None, None) => fault(path("date_time"), "is missing, and so is time_interval"),
    }
}

fn time_interval(node: &Node<'_>, path: &str, contents: &mut Contents) -> Result<(), Fault> {
    let inner = |element: &str| format!("{path}.{element}");
    let (start, end) = (node.get("start_date_time"), node.get("end_date_time"));
    let (duration, date) = (node.get("duration"), node.get("date"));
    for (time, element) in [(start, "start_date_time"), (end, "end_date_time")] {
        if let Some(time) = time {
            at(time, &inner(element), contents)?;
        }
    }
    if let Some(duration) = duration {
        unit_value(duration, &inner("duration"), DURATION)?;
    }
    match (start.is_some(), end.is_some(), duration.is_some(), date) {
        (true, true, false, None) | (true, false, true, None) | (false, true, true, None) => Ok(()),
        (false, false, false, Some(date)) => {
            let day = date
                .text()
                .filter(|text| text.len() == 10)
                .and_then(Day::of);
            contents.days.add(day);
            let parts = ["morning", "afternoon", "evening", "night"];
            let part = node
                .str("part_of_day")
                .is_some_and(|part| parts.contains(&part));
            if day.is_some() && part {
                Ok(())
            } else {
                fault(inner("date"), "is no part of a day")
            }
        }
        _ => fault(
            path,
            "must say exactly two of start_date_time, end_date_time and duration",
        ),
    }
}

fn at(node: &Node<'_>, path: &str, contents: &mut Contents) -> Result<(), Fault> {
    match node.text().filter(|text| is_time(text)) {
        Some(text) => {
            contents.days.add(Day::of(text));
            Ok(())
        }
        None => fault(path, "is no time with a zone"),
    }
}

/// A time of RFC 3339: `2013-02-05T07:25:00.123Z`.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize, max: u32| {
        let part = text
            .get(from..to)
            .filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|part| part.parse::<u32>().ok())
            .is_some_and(|n| n <= max)
    };
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let marked = marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark));
    let between = matches!(bytes.get(10), Some(b'T' | b't' | b' '));
    let clock = digits(11, 13, 23) && digits(14, 16, 59) && digits(17, 19, 60);
    if !(marked && between && clock && Day::of(text).is_some()) {
        return false;
    }
    let mut rest = text.get(19..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return false;
        }
    }
    if matches!(rest, "Z" | "z") {
        return true;
    }
    let zone = text.len() - rest.len();
    rest.len() == 6
        && rest.starts_with(['+', '-'])
        && rest.get(3..4) == Some(":")
        && digits(zone + 1, zone + 3, 23)
        && digits(zone + 4, zone + 6, 59)
}

#[cfg(test)]
mod tests {
    use super::is_time;

    #[test]
    fn times_have_a_zone() {
        for time in [
            "2013-02-05T07:25:00.123Z",
            "2020-02-05T09:25:00-08:00",
            "2020-02-05 09:25:00Z",
        ] {
            assert!(is_time(time), "{time}");
        }
        for time in [
            "2013-02-05",
            "2013-02-05T07:25:00",
            "2013-02-05T24:25:00Z",
            "2013-02-05T07:25Z",
            "2013-02-05T07:25:00.Z",
            "2013-02-05T07:25:00+0800",
            "2013-02-05T07:25:00é",
            "",
        ] {
            assert!(!is_time(time), "{time}");
        }
    }
}
