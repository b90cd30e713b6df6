//! Bundles: entries as they come, one in memory at a time.

use std::{borrow::Cow, io::BufRead};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Gathering, Options};
use crate::{
    Contents, Kind,
    json::{Cursor, Limit, parse},
    limits::{BUNDLE_MEMBER_BYTES_MAX, RESOURCE_BYTES_MAX},
    refusal::{Place, Refusal},
    slice::{Form, Sensitivity, sensitivity},
    source::{Coat, Source},
};

/// An entry, as far as it matters here.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, rename = "fullUrl", default)]
    full_url: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
}

/// Types of bundles that hold records.
const TYPES: &[&str] = &[
    "transaction",
    "collection",
    "batch",
    "searchset",
    "document",
    "message",
];

/// Reads a bundle.
pub(crate) fn read(source: &Source, coat: Coat, options: Options) -> Result<Contents, Refusal> {
    let mut cursor = Cursor::new(source.unpacked(coat)?);
    let mut gathering = Gathering::new(Form::Bundle, options.partial);
    let mut kind = None;
    cursor.expect(b'{', "not JSON: an object must begin here")?;
    let mut first = true;
    let mut seen: Vec<String> = Vec::new();
    while let Some(key) = cursor.key(&mut first)? {
        if seen.contains(&key) {
            return Err(Refusal::malformed(
                cursor.place(),
                "a key stands twice in the bundle",
            ));
        }
        match key.as_str() {
            "entry" => entries(&mut cursor, &mut gathering)?,
            "type" => kind = Some(bundle_type(&mut cursor)?),
            _ => member(&mut cursor, &key, &mut gathering)?,
        }
        seen.push(key);
    }
    if cursor.peek()?.is_some() {
        return Err(Refusal::malformed(
            cursor.place(),
            "something follows the bundle",
        ));
    }
    if kind.is_none() {
        let place = Place::file().element("Bundle.type");
        return Err(Refusal::malformed(place, "is missing"));
    }
    gathering.finish(Kind::FhirBundle)
}

fn small(cursor: &mut Cursor<impl BufRead>) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    let limit = Limit::new(BUNDLE_MEMBER_BYTES_MAX, "BUNDLE_MEMBER_BYTES_MAX");
    cursor.value(&mut text, limit)?;
    Ok(text)
}

fn bundle_type(cursor: &mut Cursor<impl BufRead>) -> Result<&'static str, Refusal> {
    let text = small(cursor)?;
    let name: Option<String> = serde_json::from_slice(&text).ok();
    let known = TYPES.iter().find(|kind| Some(**kind) == name.as_deref());
    known.copied().ok_or_else(|| {
        Refusal::malformed(
            Place::file().element("Bundle.type"),
            "is none that holds records: transaction, collection, batch, searchset, document and message do",
        )
    })
}

/// A member that is not an entry: labels count, the rest is passed over.
fn member(
    cursor: &mut Cursor<impl BufRead>,
    key: &str,
    gathering: &mut Gathering,
) -> Result<(), Refusal> {
    let place = Place::file().element(&format!("Bundle.{key}"));
    let text = small(cursor)?;
    let limit = (BUNDLE_MEMBER_BYTES_MAX, "BUNDLE_MEMBER_BYTES_MAX");
    let node = parse(&text, limit.0).map_err(|t| t.refusal(place.clone(), limit))?;
    match key {
        "meta" => {
            let labels = node.list("security").iter().map(sensitivity::of_label);
            gathering.label(labels.fold(Sensitivity::none(), Sensitivity::and));
        }
        "fhirVersion"
            if !node
                .text()
                .is_some_and(|version| version.starts_with("4.0")) =>
        {
            let reason = crate::Reason::Version("what names another fhirVersion".into());
            return Err(Refusal::at(place, reason));
        }
        _ => {}
    }
    Ok(())
}

fn entries(cursor: &mut Cursor<impl BufRead>, gathering: &mut Gathering) -> Result<(), Refusal> {
    cursor.expect(b'[', "Bundle.entry is no list")?;
    let mut first = true;
    let mut number = 0;
    let mut text = Vec::new();
    let limit = Limit::new(
        RESOURCE_BYTES_MAX.saturating_add(BUNDLE_MEMBER_BYTES_MAX),
        "RESOURCE_BYTES_MAX",
    );
    while cursor.element(&mut first)? {
        text.clear();
        let place = Place::entry(number);
        cursor.value(&mut text, limit).map_err(|refusal| Refusal {
            place: place.clone(),
            ..refusal
        })?;
        let entry: Entry<'_> = serde_json::from_slice(&text).map_err(|error| {
            let what = if error.is_data() {
                "is no entry of a bundle"
            } else {
                "is not JSON"
            };
            Refusal::malformed(place.clone(), what)
        })?;
        match entry.resource {
            Some(resource) => gathering.add(
                resource.get().as_bytes().to_vec(),
                entry.full_url.map(Cow::into_owned),
                place.element("resource"),
            )?,
            None => gathering.without_resource(),
        }
        number += 1;
    }
    Ok(())
}
