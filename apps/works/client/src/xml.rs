//! XML as a tree, with bounds, and written.
//!
//! Nothing is ever fetched, and no entity but the five of XML itself is taken for what it stands for, so
//! there is nothing for a hostile definition to expand into.

use quick_xml::{Reader, events::Event};

use crate::{
    limits::{XML_DEPTH_MAX, XML_ELEMENTS_MAX},
    refusal::Refusal,
};

/// An element, by its name without prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// Its own text.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// An attribute, without regard to case: writers differ.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        let found = all.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Children of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of a name, where there is one.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let text = self.child(name)?.text.trim();
        Some(text).filter(|text| !text.is_empty())
    }
}

/// Reads a document.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, Refusal> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|_| Refusal::malformed("is not in UTF-8; write it so"))?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0_usize;
    loop {
        let event = reader.read_event();
        let event = event.map_err(|_| Refusal::malformed("is not well-formed XML"))?;
        match event {
            Event::Start(start) => {
                count = count.saturating_add(1);
                let too = |what, limit, max| Err(Refusal::TooMuch { what, limit, max });
                if count > XML_ELEMENTS_MAX {
                    return too("elements", "XML_ELEMENTS_MAX", XML_ELEMENTS_MAX);
                }
                if open.len() >= XML_DEPTH_MAX {
                    return too("elements within elements", "XML_DEPTH_MAX", XML_DEPTH_MAX);
                }
                let mut element = Element {
                    name: local(start.name().0),
                    ..Element::default()
                };
                for attribute in start.attributes() {
                    let attribute = attribute
                        .map_err(|_| Refusal::malformed("an element's attributes are malformed"))?;
                    let value = quick_xml::escape::unescape(&attribute.value);
                    let value = value
                        .map_err(|_| Refusal::malformed("an attribute has an unknown entity"))?;
                    let key = local(attribute.key.0);
                    element.attributes.push((key, value.into_owned()));
                }
                open.push(element);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else {
                    return Err(Refusal::malformed("an element ends that did not begin"));
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None if root.is_none() => root = Some(done),
                    None => return Err(Refusal::malformed("a second document follows the first")),
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(entity) => {
                let entity = format!("&{};", entity.into_inner());
                let plain = quick_xml::escape::unescape(&entity);
                let plain = plain
                    .map_err(|_| Refusal::malformed("an entity stands here that XML has not"))?;
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&plain);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !open.is_empty() {
        return Err(Refusal::malformed(
            "the document ends in the middle; it was cut off",
        ));
    }
    root.ok_or_else(|| Refusal::malformed("holds no element"))
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

/// A document that is written.
pub(crate) struct Writer {
    out: String,
    open: Vec<String>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(),
            open: Vec::new(),
        }
    }

    /// Begins an element.
    pub(crate) fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            self.out.push_str(&plain(value));
            self.out.push('"');
        }
        self.out.push('>');
        self.open.push(name.to_owned());
    }

    /// Ends the innermost element.
    pub(crate) fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }

    /// Text in the innermost element.
    pub(crate) fn text(&mut self, text: &str) {
        self.out.push_str(&plain(text));
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.start(name, &[]);
        self.text(text);
        self.end();
    }

    /// An element with a text, where there is one.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// The document, whatever is open closed.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.end();
        }
        self.out.into_bytes()
    }
}

/// A text as it may stand in XML 1.0: escaped, and without the characters that may not stand there at all.
fn plain(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let text: String = text.chars().filter(allowed).collect();
    quick_xml::escape::escape(text.as_str()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_a_tree() {
        let root =
            read(b"<a:x K='1&amp;2'><y> t&lt;<!-- c --> </y><y/><![CDATA[<z>]]></a:x>").unwrap();
        assert_eq!(root.name, "x");
        assert_eq!(root.attribute("k"), Some("1&2"));
        assert_eq!(root.value("y"), Some("t<"));
        assert_eq!(root.all("y").count(), 2);
        assert_eq!(root.text, "<z>");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for wrong in ["", "<a>", "<a></b>", "<a/><b/>", "<a>&x;</a>", "text"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let deep = "<a>".repeat(100);
        assert!(matches!(
            read(deep.as_bytes()),
            Err(Refusal::TooMuch { .. })
        ));
        assert!(read(b"<a>\xff</a>").is_err());
    }

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new();
        writer.start("a", &[("k", "\"<&>\"")]);
        writer.leaf("b", "<&>\u{1}");
        writer.optional("c", None);
        let root = read(&writer.finish()).unwrap();
        assert_eq!(root.attribute("k"), Some("\"<&>\""));
        assert_eq!(root.value("b"), Some("<&>"));
    }
}
