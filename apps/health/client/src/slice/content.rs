//! A slice and its bytes.

use std::io::Read;

use serde::Serialize;

use super::{Class, Sensitivity};
use crate::{
    days::Days,
    limits::{PADDED_SLICE_BYTES_MAX, PADDING_STEP_BYTES},
    refusal::{Place, Refusal},
    source::{Coat, Source},
};

/// How the content of a slice is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A FHIR R4 bundle of type `collection`.
    Bundle,
    /// FHIR R4 resources, one to a line.
    Ndjson,
    /// Signed readings of devices, one to a line.
    Readings,
    /// The file as it came.
    Original,
}

/// A part of what was read in, to be encrypted under a key of its own.
pub struct Slice {
    /// Its class.
    pub class: Class,
    /// It holds what is more sensitive than its class.
    pub restricted: bool,
    /// What it is sensitive about.
    pub sensitivity: Sensitivity,
    /// Whose it is: a place in [`crate::Contents::people`]. Nothing: nobody's, or of many.
    pub person: Option<usize>,
    /// How it is written.
    pub form: Form,
    /// Resources, records or measurements in it.
    pub resources: u64,
    /// From when to when.
    pub days: Days,
    /// Its bytes before padding.
    pub bytes: u64,
    /// What is to be encrypted, padding and all.
    pub content: Content,
}

/// The bytes of a slice.
pub enum Content {
    /// In memory.
    Made(Vec<u8>),
    /// A file, as it is.
    Kept(Source),
}

impl Slice {
    /// The name by which records of it are known: `labs`, `labs.restricted`.
    pub fn name(&self) -> String {
        if self.restricted {
            format!("{}.restricted", self.class)
        } else {
            self.class.name().to_owned()
        }
    }

    /// Its bytes, padding and all.
    pub fn padded_bytes(&self) -> u64 {
        match &self.content {
            Content::Made(bytes) => bytes.len() as u64,
            Content::Kept(_) => self.bytes,
        }
    }

    /// Its content, from the start.
    pub fn open(&self) -> Result<Box<dyn Read + '_>, Refusal> {
        match &self.content {
            Content::Made(bytes) => Ok(Box::new(bytes.as_slice())),
            Content::Kept(source) => Ok(Box::new(source.open()?)),
        }
    }

    /// A file kept as it came.
    pub(crate) fn kept(
        source: &Source,
        class: Class,
        sensitivity: Sensitivity,
        resources: u64,
        days: Days,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            class,
            restricted: !sensitivity.is_none(),
            sensitivity,
            person: None,
            form: Form::Original,
            resources,
            days,
            bytes: source.bytes()?,
            content: Content::Kept(source.clone()),
        })
    }
}

impl Slice {
    /// With blanks after its end, where it is a small text: readers of JSON and XML pass them over.
    pub(crate) fn padded(mut self, source: &Source, coat: Coat) -> Result<Self, Refusal> {
        if coat == Coat::Plain && self.bytes <= PADDED_SLICE_BYTES_MAX as u64 {
            let mut text = Vec::new();
            source
                .open()?
                .take(PADDED_SLICE_BYTES_MAX as u64 + 1)
                .read_to_end(&mut text)
                .map_err(|e| Refusal::of_io(&e, Place::file(), "the file"))?;
            self.bytes = text.len() as u64;
            text.resize(text.len().next_multiple_of(PADDING_STEP_BYTES), b' ');
            self.content = Content::Made(text);
        }
        Ok(self)
    }
}

/// Fills a text that ends with a line break up to its padded length.
pub(crate) fn pad(text: &mut Vec<u8>, always: bool) {
    if !always && text.len() > PADDED_SLICE_BYTES_MAX {
        return;
    }
    let length = text.len().next_multiple_of(PADDING_STEP_BYTES);
    if text.pop().is_some() {
        text.resize(length.saturating_sub(1), b' ');
        text.push(b'\n');
    }
}
