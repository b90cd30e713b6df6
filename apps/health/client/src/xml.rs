//! XML as a stream of elements, with bounds.
//!
//! Nothing is ever fetched, and no entity but the five of XML itself is taken for what it stands for:
//! a document type definition is passed over, however long, up to the bound on one piece. So there is
//! nothing for a hostile definition to expand into.

use std::io::BufRead;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use crate::{
    Contents, Kind,
    fhir::is_type,
    limits::{XML_DEPTH_MAX, XML_PIECE_BYTES_MAX},
    refusal::{Place, Reason, Refusal},
    slice::{Class, Sensitivity, Slice},
    source::{Bounded, Coat, Source},
};

/// A stream of elements.
pub(crate) struct Xml<R> {
    reader: Reader<Bounded<R>>,
    buffer: Vec<u8>,
    depth: usize,
    seen_root: bool,
}

/// What comes next.
pub(crate) enum Piece {
    /// An element begins, so many elements deep; the outermost is at 0.
    Start(Element, usize),
    /// An element ends.
    End,
    /// The document ends.
    Eof,
}

/// An element: its name, with its prefix, and its attributes.
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// Its name without prefix.
    pub(crate) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// An attribute, as it is spelt.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<R: BufRead> Xml<R> {
    pub(crate) fn new(inner: R) -> Self {
        let bounded = Bounded::new(inner, XML_PIECE_BYTES_MAX, "XML_PIECE_BYTES_MAX", "XML");
        let mut reader = Reader::from_reader(bounded);
        // `<a/>` is given as `<a></a>`: one way to count depths.
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
            seen_root: false,
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place::byte(self.reader.buffer_position())
    }

    /// Goes on to the next element's beginning or end.
    pub(crate) fn next(&mut self) -> Result<Piece, Refusal> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().next();
            let place = self.place();
            let wrong = |what: &str| Err(Refusal::malformed(place.clone(), what));
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(refusal(&error, place)),
            };
            match event {
                Event::Start(start) => {
                    if self.depth == 0 && self.seen_root {
                        return wrong("a second document follows the first");
                    }
                    self.seen_root = true;
                    if self.depth >= XML_DEPTH_MAX {
                        return Err(Refusal::at(
                            place,
                            Reason::TooMuch {
                                what: "elements within elements",
                                limit: "XML_DEPTH_MAX",
                                max: XML_DEPTH_MAX as u64,
                            },
                        ));
                    }
                    let Some(element) = element(&start) else {
                        return wrong("the attributes of an element are malformed");
                    };
                    self.depth += 1;
                    return Ok(Piece::Start(element, self.depth - 1));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Piece::End);
                }
                Event::Decl(decl) => {
                    let utf8 = |name: &str| {
                        ["UTF-8", "US-ASCII"]
                            .iter()
                            .any(|known| name.eq_ignore_ascii_case(known))
                    };
                    if decl
                        .encoding()
                        .is_some_and(|name| !name.is_ok_and(|name| utf8(&name)))
                    {
                        return wrong("is not in UTF-8; write it so");
                    }
                }
                Event::GeneralRef(entity) => {
                    let known = ["amp", "lt", "gt", "quot", "apos"];
                    if !entity.is_char_ref() && !known.contains(&entity.into_inner().as_ref()) {
                        return wrong("an entity stands here that XML itself does not have");
                    }
                }
                Event::Text(text) if self.depth == 0 && !text.xml10_content().trim().is_empty() => {
                    return wrong("text stands outside of the document");
                }
                Event::Eof if self.depth > 0 => {
                    return Err(Refusal::at(place, Reason::Truncated("XML")));
                }
                Event::Eof if !self.seen_root => return wrong("holds no element"),
                Event::Eof => return Ok(Piece::Eof),
                _ => {}
            }
        }
    }
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        attributes.push((attribute.key.0.to_owned(), attribute.value.into_owned()));
    }
    Some(Element {
        name: start.name().0.to_owned(),
        attributes,
    })
}

fn refusal(error: &quick_xml::Error, place: Place) -> Refusal {
    match error {
        quick_xml::Error::Io(error) => Refusal::of_io(error, place, "XML"),
        // A tag, a comment, or a definition that does not end.
        quick_xml::Error::Syntax(_) => Refusal::at(place, Reason::Truncated("XML")),
        _ => Refusal::malformed(place, "is not well-formed XML"),
    }
}

/// What an XML document is, by its first element.
pub(crate) fn recognise(reader: impl BufRead) -> Result<Kind, Refusal> {
    let mut xml = Xml::new(reader);
    let Piece::Start(root, _) = xml.next()? else {
        return Err(Refusal::malformed(xml.place(), "holds no element"));
    };
    let namespace = |uri: &str| {
        root.values()
            .any(|(k, v)| k.starts_with("xmlns") && v == uri)
    };
    let starts = |uri: &str| {
        root.values()
            .any(|(k, v)| k.starts_with("xmlns") && v.starts_with(uri))
    };
    let unknown = |why| Err(Refusal::file(Reason::Unknown(why)));
    match root.local() {
        "HealthData" => Ok(Kind::AppleHealth),
        "ODM" if starts("http://www.cdisc.org/ns/def/") => Ok(Kind::DefineXml),
        "ODM" => unknown("is CDISC ODM, but no Define-XML; write data sets as Dataset-JSON"),
        "ClinicalDocument" => unknown(
            "is a CDA document; wrap it into a FHIR DocumentReference, which says whose it is",
        ),
        _ if namespace("http://hl7.org/fhir") => Ok(Kind::FhirXml),
        _ => unknown("is XML, but neither of Apple Health nor Define-XML nor FHIR"),
    }
}

/// Reads a FHIR resource in XML: that it is whole, and what it is called. What it says is not looked
/// into, so it is filed with the documents, restricted.
pub(crate) fn read_fhir(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut xml = Xml::new(source.unpacked(coat)?);
    let mut contents = Contents::new(Kind::FhirXml);
    loop {
        match xml.next()? {
            Piece::Start(root, 0) => {
                if !is_type(root.local()) {
                    return Err(Refusal::at(
                        xml.place(),
                        Reason::Version("this resource type".into()),
                    ));
                }
                contents.counts.add(root.local(), 1);
            }
            Piece::Start(..) | Piece::End => {}
            Piece::Eof => break,
        }
    }
    contents.records = 1;
    contents.people_count = 1;
    contents.note(
        "FHIR in XML is kept as it is and not looked into; as JSON it is cut by what it holds",
    );
    let days = contents.days;
    contents.slices = vec![
        Slice::kept(source, Class::Documents, Sensitivity::UNREAD, 1, days)?
            .padded(source, coat)?,
    ];
    Ok(contents)
}
