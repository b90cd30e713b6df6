//! Why a file is not taken, and where in it that was seen.
//!
//! What is said here may end up in a log. So places are numbers and names of elements, and reasons are
//! words of ours: no value of the file stands in either, as any value may be somebody's name.

use std::{fmt, io};

use serde::Serialize;

/// A file that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{place}: {reason}")]
pub struct Refusal {
    /// Where.
    pub place: Place,
    /// Why, and what helps.
    pub reason: Reason,
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    unit: Unit,
    number: u64,
    element: String,
}

/// What places are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    File,
    Byte,
    Line,
    Entry,
    Record,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Something is longer than is taken.
    #[error("more than {max} {what} ({limit}); split it up")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: u64,
    },
    /// The file ends too early.
    #[error("the file ends in the middle of {0}; it was cut off, fetch it again")]
    Truncated(&'static str),
    /// The file does not follow its format.
    #[error("{0}")]
    Malformed(String),
    /// The file is of no kind that is taken.
    #[error("{0}")]
    Unknown(&'static str),
    /// FHIR, but not R4.
    #[error("{0} is not of FHIR R4 (4.0.1), which alone is taken; export the data as R4")]
    Version(String),
    /// A reference that leads nowhere.
    #[error(
        "refers to nothing in this bundle; export what it refers to with it, or import an increment with --partial"
    )]
    Nowhere,
    /// Two resources with one name.
    #[error("has the same {what} as {first}; which of them is true cannot be told")]
    Duplicate {
        /// What is the same.
        what: &'static str,
        /// Where it was first.
        first: Place,
    },
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl Refusal {
    /// A refusal of a whole file.
    pub(crate) const fn file(reason: Reason) -> Self {
        Self {
            place: Place::file(),
            reason,
        }
    }

    /// A refusal at a place.
    pub(crate) const fn at(place: Place, reason: Reason) -> Self {
        Self { place, reason }
    }

    /// A refusal of what does not follow its format.
    pub(crate) fn malformed(place: Place, what: impl Into<String>) -> Self {
        Self::at(place, Reason::Malformed(what.into()))
    }

    /// What a failure to read means: what this crate itself put into it, an end that came too early in
    /// the middle of `what`, or damage. The words of libraries are not repeated, as they may quote the
    /// file.
    pub(crate) fn of_io(error: &io::Error, place: Place, what: &'static str) -> Self {
        if let Some(refusal) = error.get_ref().and_then(|e| e.downcast_ref::<Self>()) {
            return refusal.clone();
        }
        let reason = match error.kind() {
            io::ErrorKind::UnexpectedEof => Reason::Truncated(what),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                Reason::Malformed(format!("{what} is damaged"))
            }
            kind => Reason::Unreadable(kind.to_string()),
        };
        Self::at(place, reason)
    }
}

impl Place {
    /// The whole file.
    pub(crate) const fn file() -> Self {
        Self::new(Unit::File, 0)
    }

    /// A byte, counted from 0, of what is in the file when it is unpacked.
    pub(crate) const fn byte(number: u64) -> Self {
        Self::new(Unit::Byte, number)
    }

    /// A line, counted from 1.
    pub(crate) const fn line(number: u64) -> Self {
        Self::new(Unit::Line, number)
    }

    /// An entry of a bundle, counted from 0 as FHIR does.
    pub(crate) const fn entry(number: u64) -> Self {
        Self::new(Unit::Entry, number)
    }

    /// A record, counted from 1.
    pub(crate) const fn record(number: u64) -> Self {
        Self::new(Unit::Record, number)
    }

    const fn new(unit: Unit, number: u64) -> Self {
        Self {
            unit,
            number,
            element: String::new(),
        }
    }

    /// An element there, or within the element there. Only names are kept: letters, digits, and what
    /// stands between them in paths.
    pub(crate) fn element(mut self, path: &str) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || "._-[]:".contains(*c);
        if !self.element.is_empty() && !path.is_empty() {
            self.element.push('.');
        }
        let room = ELEMENT_CHARS_MAX.saturating_sub(self.element.len());
        self.element.extend(path.chars().filter(plain).take(room));
        self
    }
}

/// Characters of the path of an element that are told.
const ELEMENT_CHARS_MAX: usize = 160;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::File if self.element.is_empty() => return f.write_str("the file"),
            Unit::File => return f.write_str(&self.element),
            Unit::Byte => write!(f, "byte {}", self.number)?,
            Unit::Line => write!(f, "line {}", self.number)?,
            Unit::Record => write!(f, "record {}", self.number)?,
            Unit::Entry => write!(f, "Bundle.entry[{}]", self.number)?,
        }
        match (self.element.is_empty(), self.unit) {
            (true, _) => Ok(()),
            (false, Unit::Entry) => write!(f, ".{}", self.element),
            (false, _) => write!(f, ", {}", self.element),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
