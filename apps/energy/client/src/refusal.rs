//! Why a file is not taken, and where in it that was seen.
//!
//! Places are numbers and names of ours; no text of the file is repeated, as a file may hold anything.

use std::fmt;

use serde::{Serialize, Serializer};

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
pub enum Place {
    /// The whole file.
    File,
    /// A line, counted from 1.
    Line(u64),
    /// A byte, counted from 0.
    Byte(u64),
    /// A member of a JSON document, such as `books[3].bids[0]`.
    Member(String),
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// There is more than is taken.
    #[error("more than {max} {what} ({limit}); split it up")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: u64,
    },
    /// It does not follow its format.
    #[error("{0}")]
    Malformed(String),
    /// It is of no form that is taken.
    #[error("{0}")]
    Unknown(&'static str),
    /// Something that has to be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A number that is none, or not a whole one.
    #[error("{what} is no whole number of {unit}")]
    NotWhole {
        /// Which number.
        what: &'static str,
        /// What it counts.
        unit: &'static str,
    },
    /// A number beyond its bounds.
    #[error("{what} is outside of {from} to {to} {unit}")]
    OutOfBounds {
        /// Which number.
        what: &'static str,
        /// The least.
        from: i64,
        /// The most.
        to: i64,
        /// What it counts.
        unit: &'static str,
    },
    /// Two of one name.
    #[error("has the same {what} as {first}; each has one of its own")]
    Duplicate {
        /// What is the same.
        what: &'static str,
        /// Where it was first.
        first: Place,
    },
    /// Energy in a unit that is not taken.
    #[error("{0}; give energy in Wh or kWh")]
    Unit(&'static str),
    /// Energy in more units than one.
    #[error("columns are in different units; give all of them in Wh, or all in kWh")]
    MixedUnits,
    /// Intervals that should follow one another do not.
    #[error(
        "{0} slots are missing before this one; export the whole time, or import it with --gaps"
    )]
    Gap(u64),
    /// Intervals overlap or go back.
    #[error("begins before the one above it ends; export each interval once, in order")]
    Overlap,
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl Refusal {
    /// A refusal of a whole file.
    pub(crate) const fn file(reason: Reason) -> Self {
        Self::at(Place::File, reason)
    }

    /// A refusal at a place.
    pub(crate) const fn at(place: Place, reason: Reason) -> Self {
        Self { place, reason }
    }

    /// A refusal of what does not follow its format.
    pub(crate) fn malformed(place: Place, what: impl Into<String>) -> Self {
        Self::at(place, Reason::Malformed(what.into()))
    }

    /// What a table's reader says. Its own words are not repeated where they may quote the file.
    pub(crate) fn of_csv(error: &csv::Error) -> Self {
        let place = error
            .position()
            .map_or(Place::File, |position| Place::Line(position.line()));
        match error.kind() {
            csv::ErrorKind::Io(error) => {
                Self::at(place, Reason::Unreadable(error.kind().to_string()))
            }
            csv::ErrorKind::Utf8 { .. } => Self::malformed(place, "is not in UTF-8; write it so"),
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => Self::malformed(place, format!("has {len} columns, not {expected_len}")),
            _ => Self::malformed(place, "is no line of a table"),
        }
    }

    /// What a JSON reader says: where, and what kind of fault, but nothing of the text.
    pub(crate) fn of_json(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let place = Place::Line(error.line() as u64);
        let what = match error.classify() {
            Category::Eof => "ends in the middle of JSON; it was cut off, fetch it again",
            Category::Syntax => "is not JSON",
            Category::Data => "has another shape than an order book or a description in JSON",
            Category::Io => "cannot be read",
        };
        Self::malformed(place, what)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Line(number) => write!(f, "line {number}"),
            Self::Byte(number) => write!(f, "byte {number}"),
            Self::Member(path) => f.write_str(path),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
