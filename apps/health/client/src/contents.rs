//! What a file holds.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Kind, cdisc::usdm::Protocol, days::Days, fhir::Person, limits::KINDS_MAX, slice::Slice,
    source::Coat,
};

/// What a file holds, cut into slices.
pub struct Contents {
    /// What it is.
    pub kind: Kind,
    /// What it is packed in.
    pub coat: Coat,
    /// Resources, records, measurements in it.
    pub records: u64,
    /// How many there are of each kind.
    pub counts: Counts,
    /// How many people they are about.
    pub people_count: u64,
    /// Who they are, as far as slices are by person.
    pub people: Vec<Person>,
    /// From when to when.
    pub days: Days,
    /// What is to be known of it: in words, none of them of the file.
    pub notes: Vec<String>,
    /// The slices.
    pub slices: Vec<Slice>,
    /// The protocol of a study, where it is one.
    pub protocol: Option<Protocol>,
}

impl Contents {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            coat: Coat::Plain,
            records: 0,
            counts: Counts::default(),
            people_count: 0,
            people: Vec::new(),
            days: Days::default(),
            notes: Vec::new(),
            slices: Vec::new(),
            protocol: None,
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

/// How many there are of each kind of thing: of so many kinds, and of the rest together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<String, u64>);

impl Counts {
    pub(crate) fn add(&mut self, kind: &str, number: u64) {
        if let Some(count) = self.0.get_mut(kind) {
            *count = count.saturating_add(number);
        } else if self.0.len() < KINDS_MAX {
            self.0.insert(kind.to_owned(), number);
        } else {
            let count = self.0.entry("other".to_owned()).or_default();
            *count = count.saturating_add(number);
        }
    }

    /// How many there are of a kind.
    pub fn of(&self, kind: &str) -> u64 {
        self.0.get(kind).copied().unwrap_or_default()
    }

    /// Kinds and numbers, in the order of the kinds' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(kind, number)| (kind.as_str(), *number))
    }
}
