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

use crate::{
    Contents,
    json::{Node, parse},
    limits::DOCUMENT_VALUES_MAX,
    refusal::{Place, Refusal},
    slice::{Class, Sensitivity, Slice},
    source::{Coat, Source},
};

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
