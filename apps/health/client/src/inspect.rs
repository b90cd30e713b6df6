//! What is told of a file to whoever asks: kind, counts, times, slices, or why it is not taken. People are
//! a number.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Class, Coat, Contents, Counts, Days, Form, Kind, Options, Refusal, Source, read, read_bulk,
    slice::Sensitivity,
};

/// What is told of a file.
#[derive(Serialize)]
pub(crate) struct Report {
    /// As it was named.
    pub(crate) file: String,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

/// It is taken, or it is not.
#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub(crate) enum Outcome {
    Taken(Box<Taken>),
    Refused {
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<Kind>,
        #[serde(flatten)]
        refusal: Refusal,
    },
}

/// What a file holds.
#[derive(Serialize)]
pub(crate) struct Taken {
    kind: Kind,
    title: &'static str,
    packed: Coat,
    bytes: u64,
    people: u64,
    records: u64,
    counts: Counts,
    #[serde(skip_serializing_if = "Days::is_none")]
    days: Days,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<crate::cdisc::usdm::Protocol>,
    slices: Vec<Row>,
}

/// The slices of one class, of all people together.
#[derive(Serialize)]
struct Row {
    name: String,
    class: Class,
    restricted: bool,
    sensitivity: Sensitivity,
    form: Form,
    slices: u64,
    resources: u64,
    bytes: u64,
    padded_bytes: u64,
}

/// Looks at a file.
pub(crate) fn inspect(file: String, source: &Source, options: Options) -> Report {
    let bytes = source.bytes().unwrap_or_default();
    let outcome = match read(source, options) {
        Ok(contents) => Outcome::Taken(Box::new(taken(contents, bytes))),
        Err(refusal) => Outcome::Refused {
            kind: crate::recognise(source).ok().map(|(kind, _)| kind),
            refusal,
        },
    };
    Report { file, outcome }
}

/// Looks at the files of a Bulk Data export together, as they are imported: people and emergency slices
/// are of all of them. Nothing where there are not several, or where one of them is refused by itself.
pub(crate) fn together(sources: &[Source], reports: &[Report]) -> Option<Report> {
    let is_bulk = |report: &Report| matches!(&report.outcome, Outcome::Taken(taken) if taken.kind == Kind::FhirNdjson);
    let bulk = sources
        .iter()
        .zip(reports)
        .filter(|(_, report)| is_bulk(report));
    let bulk: Vec<Source> = bulk.map(|(source, _)| source.clone()).collect();
    if bulk.len() < 2 {
        return None;
    }
    let bytes = bulk.iter().filter_map(|source| source.bytes().ok()).sum();
    let (file, outcome) = match read_bulk(&bulk) {
        Ok(contents) => {
            let file = format!("{} files of Bulk Data together", bulk.len());
            (file, Outcome::Taken(Box::new(taken(contents, bytes))))
        }
        Err((number, refusal)) => {
            let mut files = reports.iter().filter(|report| is_bulk(report));
            let file = files
                .nth(number)
                .map(|report| report.file.clone())
                .unwrap_or_default();
            let kind = Some(Kind::FhirNdjson);
            (
                format!("{file} with the others"),
                Outcome::Refused { kind, refusal },
            )
        }
    };
    Some(Report { file, outcome })
}

fn taken(contents: Contents, bytes: u64) -> Taken {
    let mut rows: BTreeMap<(Class, bool), Row> = BTreeMap::new();
    for slice in &contents.slices {
        let row = rows
            .entry((slice.class, slice.restricted))
            .or_insert_with(|| Row {
                name: slice.name(),
                class: slice.class,
                restricted: slice.restricted,
                sensitivity: Sensitivity::none(),
                form: slice.form,
                slices: 0,
                resources: 0,
                bytes: 0,
                padded_bytes: 0,
            });
        row.sensitivity = row.sensitivity.and(slice.sensitivity);
        row.slices += 1;
        row.resources = row.resources.saturating_add(slice.resources);
        row.bytes = row.bytes.saturating_add(slice.bytes);
        row.padded_bytes = row.padded_bytes.saturating_add(slice.padded_bytes());
    }
    Taken {
        kind: contents.kind,
        title: contents.kind.title(),
        packed: contents.coat,
        bytes,
        people: contents.people_count,
        records: contents.records,
        counts: contents.counts,
        days: contents.days,
        notes: contents.notes,
        protocol: contents.protocol,
        slices: rows.into_values().collect(),
    }
}

impl Report {
    /// It is not taken.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Refused { .. })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let taken = match &self.outcome {
            Outcome::Taken(taken) => taken,
            Outcome::Refused { kind, refusal } => {
                let kind = kind
                    .map(|kind| format!("{}, ", kind.title()))
                    .unwrap_or_default();
                return format!("{}: {kind}REFUSED\n  {refusal}\n", self.file);
            }
        };
        let mut head = format!("{}: {}", self.file, taken.title);
        match taken.packed {
            Coat::Plain => {}
            Coat::Gzip => head.push_str(", packed by gzip"),
            Coat::Bgzf => head.push_str(", packed in blocks"),
            Coat::Zlib => head.push_str(", packed by zlib"),
        }
        head.push_str(&format!(", {} bytes", taken.bytes));
        match taken.people {
            0 => {}
            1 => head.push_str(", 1 person"),
            n => head.push_str(&format!(", {n} people")),
        }
        if let (Some(first), Some(last)) = (taken.days.first, taken.days.last) {
            head.push_str(&format!(", {first} to {last}"));
        }
        let mut text = head + "\n";
        let counts: Vec<String> = taken
            .counts
            .iter()
            .map(|(kind, number)| format!("{number} {kind}"))
            .collect();
        if !counts.is_empty() {
            text.push_str(&format!("  holds {}\n", counts.join(", ")));
        }
        for note in &taken.notes {
            text.push_str(&format!("  note: {note}\n"));
        }
        if let Some(protocol) = &taken.protocol {
            for endpoint in &protocol.endpoints {
                let level = format!("{:?}", endpoint.level).to_lowercase();
                let time = endpoint.time_point.as_deref().map(|t| format!(" [{t}]"));
                text.push_str(&format!(
                    "  {} {level}: {}{}\n",
                    endpoint.id,
                    endpoint.text,
                    time.unwrap_or_default()
                ));
            }
        }
        if !taken.slices.is_empty() {
            text.push_str(&table(&taken.slices));
        }
        text
    }
}

fn table(rows: &[Row]) -> String {
    let head = ["slice", "slices", "records", "bytes", "padded", "carries"].map(str::to_owned);
    let line = |row: &Row| {
        [
            row.name.clone(),
            row.slices.to_string(),
            row.resources.to_string(),
            row.bytes.to_string(),
            row.padded_bytes.to_string(),
            row.sensitivity.names().join(" "),
        ]
    };
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(rows.iter().map(line)).collect();
    let mut text = String::new();
    for line in &lines {
        let mut out = String::from("  ");
        for (i, cell) in line.iter().enumerate() {
            let width = lines.iter().filter_map(|l| l.get(i)).map(String::len).max();
            let width = width.unwrap_or_default();
            // Names to the left, numbers to the right.
            if matches!(i, 0 | 5) {
                out.push_str(&format!("{cell:<width$}  "));
            } else {
                out.push_str(&format!("{cell:>width$}  "));
            }
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    text
}
