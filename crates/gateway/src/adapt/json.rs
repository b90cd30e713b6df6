//! JSON whose numbers stay as they are written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{decimal::Decimal, malformed};
use crate::refusal::Refusal;

/// An object, its values still as text.
pub(super) type Object<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn parse<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|e| malformed(format_args!("JSON: {e}")))
}

/// What a value is.
pub(super) enum Json<'a> {
    Object(Object<'a>),
    Array(Vec<&'a RawValue>),
    Number(Decimal),
    Text(String),
    Flag(bool),
    Null,
}

pub(super) fn value<'a>(raw: &'a RawValue) -> Result<Json<'a>, Refusal> {
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => Json::Object(parse(text)?),
        Some(b'[') => Json::Array(parse(text)?),
        Some(b'"') => Json::Text(parse(text)?),
        Some(b't' | b'f') => Json::Flag(parse(text)?),
        Some(b'n') => Json::Null,
        _ => Json::Number(Decimal::parse(text)?),
    })
}
