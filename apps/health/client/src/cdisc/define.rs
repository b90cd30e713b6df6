//! Define-XML 2.1: what the data sets of a trial mean.

use std::collections::HashSet;

use crate::{
    Contents, Kind,
    limits::DEFINITIONS_MAX,
    refusal::{Place, Reason, Refusal},
    slice::{Class, Sensitivity, Slice},
    source::{Coat, Source},
    xml::{Element, Piece, Xml},
};

/// Elements that define something, by their identifier.
const DEFINE: &[&str] = &[
    "CodeList",
    "CommentDef",
    "ItemDef",
    "ItemGroupDef",
    "MethodDef",
    "Standard",
    "ValueListDef",
    "WhereClauseDef",
];

/// Elements that refer to a definition: element, attribute, what it refers to.
const REFER: &[(&str, &str, &str)] = &[
    ("CodeListRef", "CodeListOID", "CodeList"),
    ("ItemRef", "ItemOID", "ItemDef"),
    ("ItemRef", "MethodOID", "MethodDef"),
    ("RangeCheck", "def:ItemOID", "ItemDef"),
    ("ValueListRef", "ValueListOID", "ValueListDef"),
    ("WhereClauseRef", "WhereClauseOID", "WhereClauseDef"),
];

/// Reads a document: its version, and that what it refers to is defined, once.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut xml = Xml::new(source.unpacked(coat)?);
    let mut contents = Contents::new(Kind::DefineXml);
    let mut defined: HashSet<(&'static str, String)> = HashSet::new();
    let mut referred: Vec<(Place, &'static str, String)> = Vec::new();
    let mut version = false;
    loop {
        let element = match xml.next()? {
            Piece::Start(element, _) => element,
            Piece::End => continue,
            Piece::Eof => break,
        };
        let place = xml.place();
        if element.local() == "MetaDataVersion" {
            check_version(&element, &place)?;
            version = true;
        }
        if let Some(kind) = DEFINE.iter().find(|kind| **kind == element.local()) {
            contents.counts.add(kind, 1);
            let Some(oid) = element.get("OID") else {
                return Err(Refusal::malformed(place.element(kind), "has no OID"));
            };
            if !defined.insert((kind, oid.to_owned())) {
                return Err(Refusal::malformed(
                    place.element(kind),
                    "has an OID that another has",
                ));
            }
        }
        for (_, attribute, kind) in REFER.iter().filter(|(name, ..)| *name == element.local()) {
            if let Some(oid) = element.get(attribute) {
                referred.push((place.clone().element(attribute), kind, oid.to_owned()));
            }
        }
        if defined.len() + referred.len() > DEFINITIONS_MAX {
            return Err(Refusal::at(
                place,
                Reason::TooMuch {
                    what: "definitions and references",
                    limit: "DEFINITIONS_MAX",
                    max: DEFINITIONS_MAX as u64,
                },
            ));
        }
    }
    if !version {
        let place = Place::file().element("MetaDataVersion");
        return Err(Refusal::malformed(place, "is missing"));
    }
    for (place, kind, oid) in referred {
        if !defined.contains(&(kind, oid)) {
            return Err(Refusal::malformed(place, format!("refers to no {kind}")));
        }
    }
    contents.records = contents.counts.of("ItemGroupDef");
    let (records, days) = (contents.records, contents.days);
    let slice = Slice::kept(source, Class::Documents, Sensitivity::none(), records, days)?;
    contents.slices = vec![slice];
    Ok(contents)
}

fn check_version(element: &Element, place: &Place) -> Result<(), Refusal> {
    let mut attributes = element.values();
    let version = attributes.find(|(key, _)| key.rsplit(':').next() == Some("DefineVersion"));
    if version.is_some_and(|(_, version)| version == "2.1" || version.starts_with("2.1.")) {
        return Ok(());
    }
    let place = place.clone().element("DefineVersion");
    Err(Refusal::malformed(
        place,
        "is not 2.1, which alone is taken",
    ))
}
