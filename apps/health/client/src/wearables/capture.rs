//! Captures of what devices said over MQTT: a message to a line, its payload SenML (RFC 8428).
//!
//! Devices are served by `commonhold gateway`, which knows their keys and counts what comes twice, late
//! or from the future. A capture is taken as a file; what is malformed in it is counted and does not make
//! the file one that is refused, as devices say malformed things.

use super::kept;
use crate::{
    Contents, Kind,
    days::Day,
    json::{Cursor, Limit, Node, parse},
    limits::{RESOURCE_VALUES_MAX, ROW_BYTES_MAX},
    refusal::{Place, Refusal},
    slice::Sensitivity,
    source::{Coat, Source},
};

/// Reads a file.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut cursor = Cursor::new(source.unpacked(coat)?);
    let mut contents = Contents::new(Kind::SenmlCapture);
    let mut text = Vec::new();
    let (mut records, mut malformed) = (0_u64, 0_u64);
    while cursor.peek()?.is_some() {
        let place = Place::line(cursor.line());
        text.clear();
        cursor.value(&mut text, Limit::new(ROW_BYTES_MAX, "ROW_BYTES_MAX"))?;
        let limit = (RESOURCE_VALUES_MAX, "RESOURCE_VALUES_MAX");
        let message = parse(&text, limit.0).map_err(|t| t.refusal(place.clone(), limit))?;
        let Some(payload) = message.str("payload") else {
            return Err(Refusal::malformed(place.element("payload"), "is no text"));
        };
        contents.records += 1;
        match senml(payload.as_bytes(), &mut contents) {
            Some(more) => records = records.saturating_add(more),
            None => malformed += 1,
        }
    }
    contents.counts.add("messages", contents.records);
    contents.counts.add("records", records);
    if malformed > 0 {
        contents.counts.add("malformed messages", malformed);
    }
    contents.note("devices are served by `commonhold gateway`; a capture is kept as it is");
    kept(source, contents, coat, Sensitivity::none())
}

/// How many records a SenML pack has that say something. Nothing: it is none.
fn senml(payload: &[u8], contents: &mut Contents) -> Option<u64> {
    let pack = parse(payload, RESOURCE_VALUES_MAX).ok()?;
    let Node::Array(entries) = &pack else {
        return None;
    };
    let (mut base_name, mut base_time) = ("", 0.0);
    let mut records = 0;
    for entry in entries {
        base_name = entry.str("bn").unwrap_or(base_name);
        base_time = entry.get("bt").and_then(Node::number).unwrap_or(base_time);
        if !entry.is_object() || (base_name.is_empty() && entry.str("n").is_none()) {
            return None;
        }
        let says = ["v", "vs", "vb", "vd", "s"]
            .iter()
            .any(|value| entry.get(value).is_some());
        if says {
            let time = base_time + entry.get("t").and_then(Node::number).unwrap_or_default();
            // Smaller times are from now on, whenever that was.
            if (268_435_456.0..1e12).contains(&time) {
                let seconds = Node::Number(time.floor()).whole();
                let day = seconds
                    .and_then(|s| i64::try_from(s).ok())
                    .and_then(Day::of_unix);
                contents.days.add(day);
            }
            records += 1;
        }
    }
    (!entries.is_empty()).then_some(records)
}
