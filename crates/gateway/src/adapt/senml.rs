//! SenML as JSON (RFC 8428): base fields resolved.
//!
//! Sums (`s`, `bs`) are refused: a reading has values only. Times of one message differ by whole
//! seconds. A time below 2^28 counts from now, as the RFC says: the source gave none then.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use commonhold_reading::{Record, Value, limits::PACK_RECORDS_MAX};
use serde_json::value::RawValue;

use super::{
    Around, Said,
    decimal::Decimal,
    json::{Json, Object, parse, value},
    malformed, time,
};
use crate::refusal::Refusal;

/// The version of SenML that is read.
const VERSION: i64 = 10;
/// Milliseconds below which a time counts from now: 2^28 seconds.
const RELATIVE_MS: i64 = (1 << 28) * 1000;

#[derive(Default)]
struct Base {
    name: String,
    time: Option<Decimal>,
    unit: Option<String>,
    value: Option<Decimal>,
}

fn number(key: &str, raw: &RawValue) -> Result<Decimal, Refusal> {
    match value(raw)? {
        Json::Number(number) => Ok(number),
        _ => Err(malformed(format_args!("{key}: a number is expected"))),
    }
}

fn text(key: &str, raw: &RawValue) -> Result<String, Refusal> {
    match value(raw)? {
        Json::Text(text) => Ok(text),
        _ => Err(malformed(format_args!("{key}: a text is expected"))),
    }
}

/// A record whose time is not yet relative to the first.
struct Timed {
    at: Option<i64>,
    record: Record,
}

pub(super) fn read(message: &str, around: &Around<'_>) -> Result<Said, Refusal> {
    let records: Vec<Object<'_>> = parse(message)?;
    if records.is_empty() || records.len() > PACK_RECORDS_MAX {
        let why = format!("1 to PACK_RECORDS_MAX ({PACK_RECORDS_MAX}) records are expected");
        return Err(malformed(why));
    }
    let mut base = Base::default();
    let timed = records
        .iter()
        .map(|fields| resolve(&mut base, fields))
        .collect::<Result<Vec<_>, _>>()?;
    let now = i64::try_from(around.received).unwrap_or(i64::MAX);
    let absolute = timed
        .iter()
        .all(|timed| timed.at.is_some_and(|at| at >= RELATIVE_MS));
    let at = |timed: &Timed| match timed.at {
        Some(at) if at >= RELATIVE_MS => at,
        other => now.saturating_add(other.unwrap_or(0)),
    };
    let first = timed.iter().map(at).min().unwrap_or(now);
    let records = timed.iter().map(|timed| {
        let ms = at(timed).saturating_sub(first);
        if ms % 1000 != 0 {
            return Err(malformed(
                "times of one message differ by parts of a second",
            ));
        }
        let offset = i32::try_from(ms / 1000).map_err(|_| malformed("times are too far apart"))?;
        Ok(Record {
            offset,
            ..timed.record.clone()
        })
    });
    let records = records.collect::<Result<_, _>>()?;
    let time = if absolute {
        Some(time::checked(first)?)
    } else {
        None
    };
    Ok(Said { time, records })
}

fn resolve(base: &mut Base, fields: &Object<'_>) -> Result<Timed, Refusal> {
    let (mut name, mut unit, mut at) = (String::new(), None, None);
    let mut values = Vec::new();
    // The base of a record counts for the record itself, wherever it stands in it.
    for (key, raw) in fields {
        match key.as_str() {
            "bver" => {
                let version = number(key, raw)?;
                if version.value() != Value::integer(VERSION) {
                    return Err(malformed("bver: only version 10 is read"));
                }
            }
            "bn" => base.name = text(key, raw)?,
            "bt" => base.time = Some(number(key, raw)?),
            "bu" => base.unit = Some(text(key, raw)?),
            "bv" => base.value = Some(number(key, raw)?),
            "n" => name = text(key, raw)?,
            "u" => unit = Some(text(key, raw)?),
            "t" => at = Some(number(key, raw)?),
            "v" | "vs" | "vb" | "vd" => values.push((key.as_str(), *raw)),
            "s" | "bs" => return Err(malformed("sums (s, bs) are not read")),
            other if other.ends_with('_') => {
                return Err(malformed(format_args!(
                    "{other} must be understood, and is not"
                )));
            }
            _ => {}
        }
    }
    let [(kind, raw)] = values.as_slice() else {
        return Err(malformed("a record has exactly one of v, vs, vb and vd"));
    };
    let read = match (*kind, value(raw)?) {
        ("v", Json::Number(number)) => number.plus(base.value.unwrap_or(Decimal::ZERO))?.value(),
        ("vs", Json::Text(text)) => Value::Text(text),
        ("vb", Json::Flag(flag)) => Value::Flag(flag),
        ("vd", Json::Text(text)) => {
            let data = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
            Value::Data(data.map_err(|_| malformed("vd: base64url is expected"))?)
        }
        (kind, _) => return Err(malformed(format_args!("{kind}: a value of another kind"))),
    };
    let time = match (base.time, at) {
        (None, None) => None,
        (base, at) => {
            let zero = Decimal::ZERO;
            Some(
                base.unwrap_or(zero)
                    .plus(at.unwrap_or(zero))?
                    .milliseconds()?,
            )
        }
    };
    let unit = unit.or_else(|| base.unit.clone());
    Ok(Timed {
        at: time,
        record: Record {
            name: format!("{}{name}", base.name),
            unit: unit.filter(|_| matches!(read, Value::Number { .. })),
            value: read,
            offset: 0,
        },
    })
}
