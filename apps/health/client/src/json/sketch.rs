//! The outline of the first JSON value of a file: its keys, its short texts, and whether more follows.

use std::io::BufRead;

use super::{Cursor, Limit};
use crate::{limits::SKETCH_MEMBERS_MAX, refusal::Refusal};

/// Values longer than this are passed over.
const SHORT: usize = 256;

/// The outline of the first value of a file.
#[derive(Debug, Default)]
pub(crate) struct Sketch {
    /// The first byte.
    pub(crate) open: u8,
    /// The keys, and the texts that are short; of an array, those of its first element.
    members: Vec<(String, Option<String>)>,
    /// Another value follows.
    pub(crate) more: bool,
}

impl Sketch {
    /// Looks at the first value. Where that says that the file is a FHIR bundle nothing is read further.
    pub(crate) fn of(reader: impl BufRead) -> Result<Self, Refusal> {
        let mut cursor = Cursor::new(reader);
        let mut sketch = Self::default();
        let Some(open) = cursor.peek()? else {
            return Ok(sketch);
        };
        sketch.open = open;
        match open {
            b'{' => {
                if sketch.object(&mut cursor)? {
                    return Ok(sketch);
                }
            }
            b'[' => {
                cursor.expect(b'[', "")?;
                let mut first = true;
                while cursor.element(&mut first)? {
                    if sketch.members.is_empty() && cursor.peek()? == Some(b'{') {
                        sketch.object(&mut cursor)?;
                    } else {
                        cursor.skip()?;
                    }
                }
            }
            _ => cursor.skip()?,
        }
        // What follows is for who reads the file to judge.
        sketch.more = matches!(cursor.peek(), Ok(Some(_)) | Err(_));
        Ok(sketch)
    }

    /// Looks at an object. `true`: enough is known.
    fn object(&mut self, cursor: &mut Cursor<impl BufRead>) -> Result<bool, Refusal> {
        cursor.expect(b'{', "not JSON: an object must begin here")?;
        let mut first = true;
        while let Some(key) = cursor.key(&mut first)? {
            let text = if cursor.peek()? == Some(b'"') {
                let mut text = Vec::new();
                cursor.value(&mut text, Limit::clip(SHORT))?;
                serde_json::from_slice(&text).ok()
            } else {
                cursor.skip()?;
                None
            };
            let bundle = key == "resourceType" && text.as_deref() == Some("Bundle");
            if self.members.len() < SKETCH_MEMBERS_MAX {
                self.members.push((key, text));
            }
            if bundle {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.members.iter().any(|(k, _)| k == key)
    }

    pub(crate) fn has_all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.has(key))
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        let (_, text) = self.members.iter().find(|(k, _)| k == key)?;
        text.as_deref()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(key, _)| key.as_str())
    }
}
