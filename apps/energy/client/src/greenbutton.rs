//! Green Button: ESPI 1.1 in Atom feeds.
//!
//! A feed has reading types, meter readings and blocks of intervals, tied together by links: a block lies
//! under its meter reading, which is related to its type. A type says what values count: energy alone is
//! taken (`uom` 72, Wh, times a power of ten), delivered (`flowDirection` 1) or received (19). Intervals
//! may take a quarter, half or whole hour, or a day; the days on which clocks are put on and back take
//! 82,800 and 90,000 seconds. Nothing is fetched, and no entity is taken but XML's own.

use std::collections::BTreeMap;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use crate::{
    limits::{ENTRIES_MAX, POWER_MAX, XML_DEPTH_MAX},
    profile::{Interval, Profile, Whole},
    refusal::{Place, Reason, Refusal},
};

/// Lengths of intervals that are taken, in seconds.
const LENGTHS: &[i64] = &[300, 600, 900, 1_800, 3_600, 82_800, 86_400, 90_000];

/// What values of a type count.
#[derive(Clone, Copy, Debug, Default)]
struct Kind {
    power: Option<i32>,
    unit: Option<i64>,
    flow: Option<i64>,
}

/// One interval as it stands in the feed.
#[derive(Clone, Debug, Default)]
struct Raw {
    start: Option<i64>,
    seconds: Option<i64>,
    value: Option<String>,
    at: u64,
}

/// One entry of the feed.
#[derive(Default)]
struct Entry {
    own: String,
    up: String,
    related: Vec<String>,
    kind: Option<Kind>,
    intervals: Vec<Raw>,
    at: u64,
}

/// Reads a feed. Blocks may leave times out, which are told as gaps.
///
/// # Errors
/// [`Refusal`].
pub fn read(text: &str) -> Result<Profile, Refusal> {
    let entries = entries(text)?;
    let mut kinds = BTreeMap::new();
    let mut readings = BTreeMap::new();
    for entry in &entries {
        if let Some(kind) = entry.kind {
            kinds.insert(entry.own.as_str(), kind);
        } else if entry.intervals.is_empty() {
            readings.insert(entry.own.as_str(), &entry.related);
        }
    }
    let kind_of = |entry: &Entry| {
        let reading = entry.up.strip_suffix("/IntervalBlock")?;
        let related = readings.get(reading)?;
        related.iter().find_map(|href| kinds.get(href.as_str()))
    };
    let only = if kinds.len() == 1 {
        kinds.values().next()
    } else {
        None
    };
    // By direction: what is left of one value is carried over to the next of the same kind.
    let mut rows: BTreeMap<(i64, bool), (Raw, i32)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.intervals.is_empty()) {
        let place = Place::Byte(entry.at);
        let kind = kind_of(entry).or(only).ok_or_else(|| {
            Refusal::malformed(place.clone(), "nothing says of which reading type this is")
        })?;
        let (power, export) = taken(kind, &place)?;
        for raw in &entry.intervals {
            let place = Place::Byte(raw.at);
            let start = raw.start.ok_or_else(|| missing("start", &place))?;
            if rows.insert((start, export), (raw.clone(), power)).is_some() {
                return Err(Refusal::at(place, Reason::Overlap));
            }
        }
    }
    let units: Vec<i32> = rows.values().map(|(_, power)| *power).collect();
    let mut profile = Profile::default();
    let mut whole = (Whole::new(0), Whole::new(0));
    if let Some(power) = units.first() {
        if units.iter().any(|other| other != power) {
            return Err(Refusal::file(Reason::MixedUnits));
        }
        whole = (Whole::new(*power), Whole::new(*power));
    }
    for ((start, export), (raw, _)) in rows {
        add(&mut profile, &mut whole, start, export, &raw)?;
    }
    if profile.intervals.is_empty() {
        return Err(Refusal::file(Reason::Unknown("holds no interval reading")));
    }
    Ok(profile)
}

fn missing(what: &'static str, place: &Place) -> Refusal {
    Refusal::at(place.clone(), Reason::Missing(what))
}

/// Adds one value, to the interval of the other direction where there is one.
fn add(
    profile: &mut Profile,
    whole: &mut (Whole, Whole),
    start: i64,
    export: bool,
    raw: &Raw,
) -> Result<(), Refusal> {
    let place = Place::Byte(raw.at);
    let seconds = raw.seconds.ok_or_else(|| missing("duration", &place))?;
    let fits = LENGTHS.contains(&seconds);
    let Some(seconds) = u32::try_from(seconds).ok().filter(|_| fits) else {
        let what = "an interval takes a quarter, half or whole hour, or a day of 23, 24 or 25";
        return Err(Refusal::malformed(place, what));
    };
    let value = raw
        .value
        .as_deref()
        .ok_or_else(|| missing("value", &place))?;
    let whole = if export { &mut whole.1 } else { &mut whole.0 };
    let wh = whole
        .next(value)
        .ok_or_else(|| Refusal::malformed(place.clone(), "the value is no number from zero on"))?;
    if export
        && let Some(last) = profile.intervals.last_mut()
        && last.start == start
        && last.seconds == seconds
    {
        last.export_wh = wh;
        return Ok(());
    }
    let (import_wh, export_wh) = if export { (0, wh) } else { (wh, 0) };
    let interval = Interval {
        start,
        seconds,
        import_wh,
        export_wh,
    };
    profile.push(interval, true, place)
}

/// The power of ten of Wh that a type's values count, and whether they were received.
fn taken(kind: &Kind, place: &Place) -> Result<(i32, bool), Refusal> {
    match kind.unit {
        Some(72) => {}
        Some(38) => return Err(Refusal::at(place.clone(), Reason::Unit("values are in W"))),
        Some(_) => {
            let reason = Reason::Unit("values are in another unit than Wh");
            return Err(Refusal::at(place.clone(), reason));
        }
        None => return Err(missing("uom", place)),
    }
    let power = kind.power.unwrap_or(0);
    if power.unsigned_abs() > POWER_MAX.unsigned_abs() {
        let what = "the power of ten is out of all reason";
        return Err(Refusal::malformed(place.clone(), what));
    }
    match kind.flow {
        Some(1) => Ok((power, false)),
        Some(19) => Ok((power, true)),
        _ => Err(Refusal::malformed(
            place.clone(),
            "the flow is neither delivered (1) nor received (19)",
        )),
    }
}

/// Walks over the feed once.
fn entries(text: &str) -> Result<Vec<Entry>, Refusal> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<String> = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut words = String::new();
    loop {
        let at = reader.buffer_position();
        let place = || Place::Byte(at);
        let wrong = |what: &str| Err(Refusal::malformed(place(), what));
        let event = reader
            .read_event()
            .map_err(|_| Refusal::malformed(place(), "is not well-formed XML, or was cut off"))?;
        match event {
            Event::Start(start) => {
                if path.len() >= XML_DEPTH_MAX {
                    return Err(Refusal::at(
                        place(),
                        Reason::TooMuch {
                            what: "elements within elements",
                            limit: "XML_DEPTH_MAX",
                            max: XML_DEPTH_MAX as u64,
                        },
                    ));
                }
                let local = local(&start);
                if path.is_empty() && local != "feed" {
                    return wrong("is XML, but no feed of Green Button");
                }
                words.clear();
                open(&mut entries, &path, &local, &start, at)?;
                path.push(local);
            }
            Event::End(_) => {
                close(&mut entries, &path, &words, at)?;
                words.clear();
                path.pop();
            }
            Event::Text(text) => words.push_str(&text.xml10_content()),
            Event::GeneralRef(_) if path.iter().any(|name| name == "content") => {
                return wrong("an entity stands in a reading");
            }
            Event::Eof if !path.is_empty() => return wrong("ends in the middle of the feed"),
            Event::Eof => return Ok(entries),
            _ => {}
        }
    }
}

fn local(start: &BytesStart<'_>) -> String {
    let name = start.name();
    let name = name.0.rsplit(':').next().unwrap_or_default();
    name.chars().take(64).collect()
}

/// An element begins.
fn open(
    entries: &mut Vec<Entry>,
    path: &[String],
    local: &str,
    start: &BytesStart<'_>,
    at: u64,
) -> Result<(), Refusal> {
    let parent = path.last().map(String::as_str);
    match (parent, local) {
        (Some("feed"), "entry") => {
            if entries.len() >= ENTRIES_MAX {
                return Err(Refusal::at(
                    Place::Byte(at),
                    Reason::TooMuch {
                        what: "entries",
                        limit: "ENTRIES_MAX",
                        max: ENTRIES_MAX as u64,
                    },
                ));
            }
            entries.push(Entry {
                at,
                ..Entry::default()
            });
        }
        (Some("entry"), "link") => {
            let mut link = (String::new(), String::new());
            for attribute in start.attributes() {
                let attribute = attribute
                    .map_err(|_| Refusal::malformed(Place::Byte(at), "a link is malformed"))?;
                match attribute.key.0 {
                    "rel" => link.0 = attribute.value.into_owned(),
                    "href" => link.1 = attribute.value.into_owned(),
                    _ => {}
                }
            }
            if let Some(entry) = entries.last_mut() {
                match link.0.as_str() {
                    "self" => entry.own = link.1,
                    "up" => entry.up = link.1,
                    "related" if entry.related.len() < XML_DEPTH_MAX => entry.related.push(link.1),
                    _ => {}
                }
            }
        }
        (Some("content"), "ReadingType") => {
            if let Some(entry) = entries.last_mut() {
                entry.kind = Some(Kind::default());
            }
        }
        (Some("IntervalBlock"), "IntervalReading") => {
            if let Some(entry) = entries.last_mut() {
                let raw = Raw {
                    at,
                    ..Raw::default()
                };
                entry.intervals.push(raw);
            }
        }
        _ => {}
    }
    Ok(())
}

/// An element ends: what it held, where that matters.
fn close(entries: &mut [Entry], path: &[String], words: &str, at: u64) -> Result<(), Refusal> {
    let Some(entry) = entries.last_mut() else {
        return Ok(());
    };
    let mut up = path.iter().rev().map(String::as_str);
    let (name, parent, above) = (up.next(), up.next(), up.next());
    let number = || {
        let number = words.trim().parse::<i64>();
        number.map_err(|_| Refusal::malformed(Place::Byte(at), "is no whole number"))
    };
    match (above, parent, name) {
        (_, Some("ReadingType"), Some(name)) => {
            let Some(kind) = &mut entry.kind else {
                return Ok(());
            };
            match name {
                "uom" => kind.unit = Some(number()?),
                "flowDirection" => kind.flow = Some(number()?),
                "powerOfTenMultiplier" => {
                    let power = i32::try_from(number()?);
                    kind.power = Some(power.unwrap_or(i32::MAX));
                }
                _ => {}
            }
        }
        (Some("IntervalReading"), Some("timePeriod"), Some(name)) => {
            let Some(raw) = entry.intervals.last_mut() else {
                return Ok(());
            };
            match name {
                "start" => raw.start = Some(number()?),
                "duration" => raw.seconds = Some(number()?),
                _ => {}
            }
        }
        (_, Some("IntervalReading"), Some("value")) => {
            if let Some(raw) = entry.intervals.last_mut() {
                raw.value = Some(words.trim().to_owned());
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
