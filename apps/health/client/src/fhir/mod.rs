//! FHIR R4 (4.0.1) in: bundles, single resources, and Bulk Data (one resource to a line).
//!
//! Resources are read one at a time, checked, and gathered ([`Gathering`]); when all are there their
//! references are resolved and they are cut into slices ([`cut`]). What is refused and what is taken with
//! a mark follows from what a hospital can do about it:
//!
//! - *another version of FHIR*, a file that is cut off, an id or a full address that stands twice:
//!   refused. No reading of these is right.
//! - *a reference to nowhere*: within a resource refused always. In a bundle, a reference to a part of a
//!   record (`Condition/7`, `urn:uuid:…`) that the bundle does not have is refused: who opens the slice
//!   later has no other place to look for it, and the export is to be made again, whole. A hospital that
//!   sends what is new since yesterday says so ([`Options::partial`]), and such references are counted.
//!   References to a directory (who works there, which ward), to another server, or by a search are
//!   counted and taken: the directory is not part of anybody's record.
//! - *in Bulk Data*, where each type of resource has a file of its own, references out of the file are
//!   what is normal, and counted.
//! - *a bundle of type `history`* or of answers is refused: it holds versions and not a record.
//!
//! A resource belongs to the person whom it names as its subject; where it names nobody, to those whose
//! records refer to it; where there is one person alone, to them. What refers to something restricted
//! is restricted with it, as its wording tells; a label on a person holds for all of their record, one on
//! a visit for what was recorded in it, one on a report or a panel for its results, one on a bundle for
//! all that is in it.
//!
//! Who the people are is kept for whoever imports, and shown nowhere: [`Person`] prints as nothing.

mod bundle;
mod cut;
mod filing;
mod gathering;
mod lines;
mod resource;
mod restriction;
mod types;
mod version;

use std::fmt;

pub(crate) use bundle::read as read_bundle;
pub(crate) use gathering::Gathering;
pub(crate) use lines::read as read_lines;
pub(crate) use types::is as is_type;

use crate::{
    Contents, Kind,
    json::{Cursor, Limit},
    limits::RESOURCE_BYTES_MAX,
    refusal::{Place, Refusal},
    source::{Coat, Source},
};

/// How FHIR is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Bundles are increments: what they refer to may have come before.
    pub partial: bool,
}

/// Somebody whom records are about.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub(crate) reference: String,
    /// Their date of birth, where their entry is there and tells it.
    pub(crate) born: Option<String>,
}

impl Person {
    /// How the records refer to them: `Patient/` and the id, or the address that a bundle gives them. It
    /// is the hospital's name for a person, and so to be handled as that person's name.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Whether that name is the same in the next file about them: not where their entry has neither id
    /// nor address.
    pub(crate) fn is_named(&self) -> bool {
        !self.reference.starts_with('#')
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

/// Reads a file with one resource that is no bundle.
pub(crate) fn read_resource(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut cursor = Cursor::new(source.unpacked(coat)?);
    let mut text = Vec::new();
    let limit = Limit::new(RESOURCE_BYTES_MAX, "RESOURCE_BYTES_MAX");
    cursor.value(&mut text, limit)?;
    if cursor.peek()?.is_some() {
        return Err(Refusal::malformed(
            cursor.place(),
            "something follows the resource",
        ));
    }
    let mut gathering = Gathering::new(crate::slice::Form::Bundle, true);
    gathering.add(text, None, Place::file())?;
    gathering.finish(Kind::FhirResource)
}
