//! What people wear and step on: Open mHealth and IEEE 1752.1, Apple Health, Fitbit, Withings; and
//! captures of what devices said over MQTT.
//!
//! The bytes stay as they came, in one slice of class `device`, restricted as a whole where anything in
//! them is.

pub(crate) mod apple;
pub(crate) mod capture;
pub(crate) mod fitbit;
pub(crate) mod open_mhealth;
pub(crate) mod withings;

use std::io::Read as _;

use crate::{
    Contents,
    json::{Node, parse},
    limits::{DOCUMENT_BYTES_MAX, DOCUMENT_VALUES_MAX},
    refusal::{Place, Reason, Refusal},
    slice::{Class, Sensitivity, Slice},
    source::{Coat, Source},
};

/// The whole of a file that is small enough.
fn text(source: &Source, coat: Coat) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    source
        .unpacked(coat)?
        .take(DOCUMENT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|e| Refusal::of_io(&e, Place::file(), "the file"))?;
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(Refusal::file(Reason::TooMuch {
            what: "bytes",
            limit: "DOCUMENT_BYTES_MAX",
            max: DOCUMENT_BYTES_MAX as u64,
        }));
    }
    Ok(text)
}

fn document(text: &[u8]) -> Result<Node<'_>, Refusal> {
    let limit = (DOCUMENT_VALUES_MAX, "DOCUMENT_VALUES_MAX");
    parse(text, limit.0).map_err(|trouble| trouble.refusal(Place::file(), limit))
}

fn wrong<T>(element: &str, what: &str) -> Result<T, Refusal> {
    Err(Refusal::malformed(Place::file().element(element), what))
}

/// What is known of a file, with its one slice.
fn kept(
    source: &Source,
    mut contents: Contents,
    coat: Coat,
    sensitivity: Sensitivity,
) -> Result<Contents, Refusal> {
    let (records, days) = (contents.records, contents.days);
    let slice = Slice::kept(source, Class::Device, sensitivity, records, days)?;
    contents.slices = vec![slice.padded(source, coat)?];
    Ok(contents)
}
