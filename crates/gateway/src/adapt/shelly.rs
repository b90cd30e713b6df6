//! Shelly. The first generation has a topic for each value (`shellies/DEVICE/relay/0/power`) and states
//! no time; the second sends JSON-RPC notifications (`DEVICE/events/rpc`) with the time in `ts`.
//!
//! A first generation's `energy` counts watt-minutes; it becomes joules, which is exact.

use commonhold_reading::{Record, Value};

use super::{
    Around, Said,
    decimal::Decimal,
    json::{Json, Object, parse, value},
    malformed, plain_name, time,
};
use crate::refusal::Refusal;

/// Units of the first generation's values by the last level of the topic.
const FIRST: &[(&str, &str)] = &[
    ("power", "W"),
    ("reactive_power", "var"),
    ("voltage", "V"),
    ("current", "A"),
    ("pf", "/"),
    ("total", "Wh"),
    ("total_returned", "Wh"),
    ("temperature", "Cel"),
    ("humidity", "%RH"),
    ("lux", "lx"),
];

/// Units of the second generation's values by their names, without the letter of a phase.
const SECOND: &[(&str, &str)] = &[
    ("apower", "W"),
    ("act_power", "W"),
    ("aprtpower", "VA"),
    ("aprt_power", "VA"),
    ("voltage", "V"),
    ("current", "A"),
    ("pf", "/"),
    ("freq", "Hz"),
    ("aenergy/total", "Wh"),
    ("ret_aenergy/total", "Wh"),
    ("total_act", "Wh"),
    ("total_act_ret", "Wh"),
    ("total_act_energy", "Wh"),
    ("total_act_ret_energy", "Wh"),
    ("temperature/tC", "Cel"),
    ("tC", "Cel"),
    ("rh", "%RH"),
    ("lux", "lx"),
];

/// Reads a message. `None` where it says no value.
pub(super) fn read(message: &str, around: &Around<'_>) -> Result<Option<Said>, Refusal> {
    if message.trim_start().starts_with('{') {
        return notification(message);
    }
    let tail = around.tail;
    let Some(last) = tail.rsplit('/').next().filter(|last| !last.is_empty()) else {
        return Ok(None);
    };
    let is_relay = tail.starts_with("relay/") && last.bytes().all(|b| b.is_ascii_digit());
    let (unit, value) = match (last, message.trim()) {
        (_, "on") if is_relay => (None, Value::Flag(true)),
        (_, "off") if is_relay => (None, Value::Flag(false)),
        ("energy", number) => (Some("J"), Decimal::parse(number)?.times(60)?.value()),
        (last, number) => {
            let Some((_, unit)) = FIRST.iter().find(|(name, _)| *name == last) else {
                return Ok(None);
            };
            (Some(*unit), Decimal::parse(number)?.value())
        }
    };
    let record = Record {
        name: plain_name(&[tail]),
        unit: unit.map(str::to_owned),
        value,
        offset: 0,
    };
    Ok(Some(Said {
        time: None,
        records: vec![record],
    }))
}

fn notification(message: &str) -> Result<Option<Said>, Refusal> {
    let object: Object<'_> = parse(message)?;
    let method = object.get("method").map(|raw| value(raw)).transpose()?;
    match method {
        Some(Json::Text(method)) if method == "NotifyStatus" || method == "NotifyFullStatus" => {}
        _ => return Ok(None),
    }
    let Some(Json::Object(params)) = object.get("params").map(|raw| value(raw)).transpose()? else {
        return Err(malformed("params: an object is expected"));
    };
    let at = match params.get("ts").map(|raw| value(raw)).transpose()? {
        Some(Json::Number(seconds)) => Some(time::checked(seconds.milliseconds()?)?),
        _ => None,
    };
    let mut records = Vec::new();
    for (component, raw) in &params {
        if let Json::Object(fields) = value(raw)? {
            status(&mut records, component, None, &fields)?;
        }
    }
    Ok((!records.is_empty()).then_some(Said { time: at, records }))
}

/// The values of a component that are known.
fn status(
    records: &mut Vec<Record>,
    component: &str,
    group: Option<&str>,
    fields: &Object<'_>,
) -> Result<(), Refusal> {
    for (key, raw) in fields {
        let path = group.map_or_else(|| key.clone(), |group| format!("{group}/{key}"));
        let read = value(raw)?;
        if let (Json::Object(inner), None) = (&read, group) {
            status(records, component, Some(key), inner)?;
            continue;
        }
        let (unit, value) = match read {
            Json::Number(number) => match unit(&path) {
                Some(unit) => (Some(unit.to_owned()), number.value()),
                None => continue,
            },
            Json::Flag(flag) if path == "output" => (None, Value::Flag(flag)),
            _ => continue,
        };
        records.push(Record {
            name: plain_name(&[component, &path]),
            unit,
            value,
            offset: 0,
        });
    }
    Ok(())
}

fn unit(path: &str) -> Option<&'static str> {
    let known = |path: &str| SECOND.iter().find(|(name, _)| *name == path);
    let phase = ["a_", "b_", "c_", "n_", "total_"]
        .iter()
        .find_map(|phase| path.strip_prefix(phase));
    known(path).or_else(|| known(phase?)).map(|(_, unit)| *unit)
}
