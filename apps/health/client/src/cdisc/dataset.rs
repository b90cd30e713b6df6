//! Dataset-JSON 1.1: one JSON document, or its header and then a row to a line; either may be packed
//! (`.dsjc`).
//!
//! The header must have what the standard demands, each row as many values as there are columns, and each
//! value the type of its column. A data set says how many rows it has: fewer mean that it was cut off.

use std::{collections::HashSet, io::BufRead};

use crate::{
    Contents, Kind,
    days::Day,
    json::{Cursor, Limit, Node, parse},
    limits::{COLUMNS_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_VALUES_MAX, PEOPLE_MAX, ROW_BYTES_MAX},
    refusal::{Place, Reason, Refusal},
    slice::{Class, Sensitivity, Slice},
    source::{Coat, Source},
};

/// What the standard demands of a header.
const HEADER: &[&str] = &[
    "datasetJSONCreationDateTime",
    "datasetJSONVersion",
    "itemGroupOID",
    "records",
    "name",
    "label",
    "columns",
];
/// What it demands of a column.
const COLUMN: &[&str] = &["itemOID", "name", "label", "dataType"];

/// Reads a data set in one document. The header may stand around the rows, so they are read after it.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut text = vec![b'{'];
    let mut rows = false;
    each_member(source, coat, |key, cursor| {
        if key == "rows" {
            rows = true;
            return cursor.skip();
        }
        if text.len() > 1 {
            text.push(b',');
        }
        text.extend_from_slice(serde_json::Value::from(key).to_string().as_bytes());
        text.push(b':');
        cursor.value(
            &mut text,
            Limit::new(DOCUMENT_BYTES_MAX, "DOCUMENT_BYTES_MAX"),
        )
    })?;
    text.push(b'}');
    let mut set = Set::of(&text)?;
    if !rows {
        let place = Place::file().element("rows");
        return Err(Refusal::malformed(place, "is missing"));
    }
    each_member(source, coat, |key, cursor| {
        if key != "rows" {
            return cursor.skip();
        }
        cursor.expect(b'[', "rows is no list")?;
        let mut first = true;
        while cursor.element(&mut first)? {
            set.row(cursor)?;
        }
        Ok(())
    })?;
    set.finish(source, Kind::DatasetJson)
}

fn each_member(
    source: &Source,
    coat: Coat,
    mut f: impl FnMut(&str, &mut Cursor<Box<dyn BufRead + '_>>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut cursor = Cursor::new(source.unpacked(coat)?);
    cursor.expect(b'{', "not JSON: an object must begin here")?;
    let mut first = true;
    while let Some(key) = cursor.key(&mut first)? {
        f(&key, &mut cursor)?;
    }
    match cursor.peek()? {
        None => Ok(()),
        Some(_) => Err(Refusal::malformed(
            cursor.place(),
            "something follows the data set",
        )),
    }
}

/// Reads a data set of a header and a row to a line.
pub(crate) fn read_lines(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut cursor = Cursor::new(source.unpacked(coat)?);
    let mut text = Vec::new();
    cursor.value(
        &mut text,
        Limit::new(DOCUMENT_BYTES_MAX, "DOCUMENT_BYTES_MAX"),
    )?;
    let mut set = Set::of(&text)?;
    while cursor.peek()?.is_some() {
        set.row(&mut cursor)?;
    }
    set.finish(source, Kind::DatasetNdjson)
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Whole,
    Number,
    /// Written as text, so that no digit is lost, or as a number.
    Decimal,
    Truth,
    Time,
}

impl Type {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "string" | "URI" => Self::Text,
            "integer" => Self::Whole,
            "float" | "double" => Self::Number,
            "decimal" => Self::Decimal,
            "boolean" => Self::Truth,
            "datetime" | "date" | "time" => Self::Time,
            _ => return None,
        })
    }

    fn takes(self, value: &Node<'_>) -> bool {
        match value {
            Node::Null => true,
            Node::String(_) => matches!(self, Self::Text | Self::Decimal | Self::Time),
            // Dates may be kept as numbers, as SAS does.
            Node::Number(n) => match self {
                Self::Whole => n.fract() == 0.0,
                Self::Number | Self::Decimal | Self::Time => true,
                Self::Text | Self::Truth => false,
            },
            Node::Bool(_) => self == Self::Truth,
            Node::Object(_) | Node::Array(_) => false,
        }
    }
}

/// A data set as it is read.
struct Set {
    columns: Vec<Type>,
    subject: Option<usize>,
    times: Vec<usize>,
    class: Class,
    promised: u64,
    rows: u64,
    people: HashSet<String>,
    contents: Contents,
    text: Vec<u8>,
}

impl Set {
    fn of(header: &[u8]) -> Result<Self, Refusal> {
        let limit = (DOCUMENT_VALUES_MAX, "DOCUMENT_VALUES_MAX");
        let place = Place::file().element("the header");
        let header = parse(header, limit.0).map_err(|t| t.refusal(place.clone(), limit))?;
        let wrong = |element: &str, what: &str| {
            Err(Refusal::malformed(Place::file().element(element), what))
        };
        if let Some(missing) = HEADER.iter().find(|key| header.get(key).is_none()) {
            return wrong(missing, "is missing");
        }
        if !header
            .str("datasetJSONVersion")
            .is_some_and(|v| v == "1.1" || v.starts_with("1.1."))
        {
            return wrong("datasetJSONVersion", "is not 1.1, which alone is taken");
        }
        let Some(promised) = header.get("records").and_then(Node::whole) else {
            return wrong("records", "is no number of rows");
        };
        let listed = header.list("columns");
        if listed.is_empty() || listed.len() > COLUMNS_MAX {
            return wrong("columns", "has none, or more than COLUMNS_MAX");
        }
        let mut columns = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for (i, column) in listed.iter().enumerate() {
            if let Some(missing) = COLUMN.iter().find(|key| column.str(key).is_none()) {
                return wrong(&format!("columns[{i}].{missing}"), "is missing");
            }
            let Some(kind) = column.str("dataType").and_then(Type::of) else {
                return wrong(
                    &format!("columns[{i}].dataType"),
                    "is none of Dataset-JSON 1.1",
                );
            };
            columns.push(kind);
            names.push(column.str("name").unwrap_or_default());
        }
        let place_of = |name: &str| names.iter().position(|n| *n == name);
        let timed = |(i, name): (usize, &&str)| {
            let time = columns.get(i) == Some(&Type::Time) || name.ends_with("DTC");
            (time && !name.starts_with("BRTH")).then_some(i)
        };
        let name = header.str("name").unwrap_or_default();
        Ok(Self {
            subject: place_of("USUBJID").or_else(|| place_of("SUBJID")),
            times: names.iter().enumerate().filter_map(timed).collect(),
            class: class(name),
            columns,
            promised,
            rows: 0,
            people: HashSet::new(),
            contents: Contents::new(Kind::DatasetJson),
            text: Vec::new(),
        })
    }

    fn row(&mut self, cursor: &mut Cursor<impl BufRead>) -> Result<(), Refusal> {
        self.rows += 1;
        let place = Place::record(self.rows);
        self.text.clear();
        cursor
            .value(&mut self.text, Limit::new(ROW_BYTES_MAX, "ROW_BYTES_MAX"))
            .map_err(|refusal| Refusal::at(place.clone(), refusal.reason))?;
        let limit = (COLUMNS_MAX + 1, "COLUMNS_MAX");
        let row = parse(&self.text, limit.0).map_err(|t| t.refusal(place.clone(), limit))?;
        let values = row.elements();
        if values.len() != self.columns.len() {
            let what = "has not as many values as there are columns";
            return Err(Refusal::malformed(place, what));
        }
        for (i, (value, kind)) in values.iter().zip(&self.columns).enumerate() {
            if !kind.takes(value) {
                let place = place.element(&format!("column[{i}]"));
                return Err(Refusal::malformed(
                    place,
                    "is not of the type of its column",
                ));
            }
        }
        for at in &self.times {
            self.contents
                .days
                .add(values.get(*at).and_then(Node::text).and_then(Day::of));
        }
        let subject = self
            .subject
            .and_then(|at| values.get(at))
            .and_then(Node::text);
        if let Some(subject) = subject.filter(|subject| !self.people.contains(*subject)) {
            if self.people.len() >= PEOPLE_MAX {
                return Err(Refusal::at(
                    place,
                    Reason::TooMuch {
                        what: "people in one file",
                        limit: "PEOPLE_MAX",
                        max: PEOPLE_MAX as u64,
                    },
                ));
            }
            self.people.insert(subject.to_owned());
        }
        Ok(())
    }

    fn finish(self, source: &Source, kind: Kind) -> Result<Contents, Refusal> {
        if self.rows < self.promised {
            let place = Place::record(self.rows + 1);
            return Err(Refusal::at(
                place,
                Reason::Truncated("its rows: `records` says more"),
            ));
        }
        if self.rows > self.promised {
            let place = Place::record(self.promised + 1);
            return Err(Refusal::malformed(
                place,
                "there are more rows than `records` says",
            ));
        }
        let mut contents = self.contents;
        contents.kind = kind;
        contents.records = self.rows;
        contents.people_count = self.people.len() as u64;
        contents.counts.add("rows", self.rows);
        contents.counts.add("columns", self.columns.len() as u64);
        let slice = Slice::kept(
            source,
            self.class,
            Sensitivity::none(),
            self.rows,
            contents.days,
        )?;
        contents.slices = vec![slice];
        Ok(contents)
    }
}

/// The class of a data set, by its name as SDTM and ADaM give them.
fn class(name: &str) -> Class {
    match name {
        "DM" | "ADSL" | "SC" | "SU" => Class::Demographics,
        "AE" | "MH" | "CE" | "ADAE" | "ADMH" | "FA" => Class::Problems,
        "CM" | "EX" | "EC" | "ADCM" | "ADEX" => Class::Meds,
        "IS" | "LB" | "MB" | "MI" | "PC" | "PP" | "ADLB" | "ADLBC" | "ADLBH" => Class::Labs,
        "EG" | "VS" | "ADVS" | "ADEG" => Class::Vitals,
        "PR" | "SV" | "HO" => Class::Procedures,
        "GF" | "PF" | "PG" => Class::Genomic,
        "DI" | "DU" | "DX" => Class::Device,
        _ => Class::Documents,
    }
}
