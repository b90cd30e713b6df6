//! A place in a stream of JSON, from which values are taken one by one.

use std::io::BufRead;

use memchr::memchr2;

use crate::{
    limits::{JSON_DEPTH_MAX, JSON_KEY_BYTES_MAX},
    refusal::{Place, Reason, Refusal},
};

/// How long a value may be.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    bytes: usize,
    name: &'static str,
    /// What goes over is passed over, not refused.
    clip: bool,
}

impl Limit {
    const KEY: Self = Self::new(JSON_KEY_BYTES_MAX, "JSON_KEY_BYTES_MAX");

    pub(crate) const fn new(bytes: usize, name: &'static str) -> Self {
        Self {
            bytes,
            name,
            clip: false,
        }
    }

    /// Keeps the first bytes alone.
    pub(crate) const fn clip(bytes: usize) -> Self {
        Self {
            bytes,
            name: "",
            clip: true,
        }
    }
}

/// A place in a stream of JSON. What it gives out is cut at the right places, but not yet checked:
/// that is for [`super::parse`].
pub(crate) struct Cursor<R> {
    inner: R,
    line: u64,
    offset: u64,
}

/// Where the bytes of a value stand within it.
#[derive(Default)]
struct State {
    depth: usize,
    string: bool,
    escaped: bool,
    /// Within a number or a word, which nothing but what follows it ends.
    bare: bool,
}

impl<R: BufRead> Cursor<R> {
    pub(crate) const fn new(inner: R) -> Self {
        Self {
            inner,
            line: 1,
            offset: 0,
        }
    }

    /// The line it stands in, counted from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn place(&self) -> Place {
        if self.line > 1 {
            Place::line(self.line)
        } else {
            Place::byte(self.offset)
        }
    }

    fn cut_off(&self) -> Refusal {
        Refusal::at(Place::byte(self.offset), Reason::Truncated("JSON"))
    }

    fn wrong(&self, what: &'static str) -> Refusal {
        Refusal::malformed(self.place(), what)
    }

    fn chunk(&mut self) -> Result<&[u8], Refusal> {
        let place = Place::byte(self.offset);
        self.inner
            .fill_buf()
            .map_err(|e| Refusal::of_io(&e, place, "what the file is packed in"))
    }

    fn forward(&mut self, bytes: usize) {
        self.inner.consume(bytes);
        self.offset = self.offset.saturating_add(bytes as u64);
    }

    /// Goes to the next byte that is not white space, and says what it is; nothing at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Refusal> {
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
            let end = chunk.iter().position(|b| !blank(b));
            let blanks = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let lines = blanks.iter().filter(|b| **b == b'\n').count();
            let (passed, found) = (blanks.len(), end.and_then(|at| chunk.get(at).copied()));
            self.line = self.line.saturating_add(lines as u64);
            self.forward(passed);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the byte that must come next.
    pub(crate) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Refusal> {
        match self.peek()? {
            Some(found) if found == byte => {
                self.forward(1);
                Ok(())
            }
            Some(_) => Err(self.wrong(what)),
            None => Err(self.cut_off()),
        }
    }

    /// Goes to the next member of an object or the next element of an array, whose first it is where
    /// `first` says so. `false`: it has ended.
    fn step(&mut self, first: &mut bool, close: u8) -> Result<bool, Refusal> {
        let found = self.peek()?.ok_or_else(|| self.cut_off())?;
        if found == close {
            self.forward(1);
            return Ok(false);
        }
        if !std::mem::take(first) {
            if found != b',' {
                return Err(self.wrong("not JSON: a comma or a closing bracket must stand here"));
            }
            self.forward(1);
            if self.peek()?.ok_or_else(|| self.cut_off())? == close {
                return Err(self.wrong("not JSON: a value must follow a comma"));
            }
        }
        Ok(true)
    }

    /// Goes to the next member of an object, and gives its key. The value stands next.
    pub(crate) fn key(&mut self, first: &mut bool) -> Result<Option<String>, Refusal> {
        if !self.step(first, b'}')? {
            return Ok(None);
        }
        let mut key = Vec::new();
        self.value(&mut key, Limit::KEY)?;
        let key = serde_json::from_slice(&key)
            .map_err(|_| self.wrong("not JSON: a key must stand here"))?;
        self.expect(b':', "not JSON: a colon must follow a key")?;
        Ok(Some(key))
    }

    /// Goes to the next element of an array.
    pub(crate) fn element(&mut self, first: &mut bool) -> Result<bool, Refusal> {
        self.step(first, b']')
    }

    /// Takes a value without its white space, and puts it at the end of `into`.
    pub(crate) fn value(&mut self, into: &mut Vec<u8>, limit: Limit) -> Result<(), Refusal> {
        if self.peek()?.is_none() {
            return Err(self.cut_off());
        }
        let mut state = State::default();
        let mut left = limit.bytes;
        loop {
            let place = self.place();
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return if state.bare {
                    Ok(())
                } else {
                    Err(self.cut_off())
                };
            }
            let (used, lines, done) = state
                .advance(chunk, into, &mut left, limit.clip)
                .map_err(|fault| fault.refusal(place, limit))?;
            self.line = self.line.saturating_add(lines);
            self.forward(used);
            if done {
                return Ok(());
            }
        }
    }

    /// Passes a value over.
    pub(crate) fn skip(&mut self) -> Result<(), Refusal> {
        self.value(&mut Vec::new(), Limit::clip(0))
    }
}

/// What is wrong with a value while it is cut.
enum Fault {
    TooLong,
    TooDeep,
    Bracket,
}

impl Fault {
    fn refusal(&self, place: Place, limit: Limit) -> Refusal {
        let reason = match self {
            Self::TooLong => Reason::TooMuch {
                what: "bytes in one piece",
                limit: limit.name,
                max: limit.bytes as u64,
            },
            Self::TooDeep => Reason::TooMuch {
                what: "brackets within brackets",
                limit: "JSON_DEPTH_MAX",
                max: JSON_DEPTH_MAX as u64,
            },
            Self::Bracket => Reason::Malformed("not JSON: a value must stand here".into()),
        };
        Refusal::at(place, reason)
    }
}

impl State {
    /// Goes through `chunk` up to the end of the value: bytes used, lines passed, whether it has ended.
    fn advance(
        &mut self,
        chunk: &[u8],
        into: &mut Vec<u8>,
        left: &mut usize,
        clip: bool,
    ) -> Result<(usize, u64, bool), Fault> {
        let mut lines = 0;
        let mut at = 0;
        let mut keep = |bytes: &[u8]| {
            match left.checked_sub(bytes.len()) {
                Some(rest) => {
                    *left = rest;
                    into.extend_from_slice(bytes);
                }
                None if clip => *left = 0,
                None => return Err(Fault::TooLong),
            }
            Ok(())
        };
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            let [byte, ..] = *rest else { break };
            if self.string {
                if std::mem::take(&mut self.escaped) {
                    keep(&[byte])?;
                    at += 1;
                    continue;
                }
                let end = memchr2(b'"', b'\\', rest);
                let piece = end.map_or(rest.len(), |end| end + 1);
                keep(rest.get(..piece).unwrap_or_default())?;
                at += piece;
                match end.and_then(|end| rest.get(end)) {
                    Some(b'\\') => self.escaped = true,
                    Some(_) => {
                        self.string = false;
                        if self.depth == 0 {
                            return Ok((at, lines, true));
                        }
                    }
                    None => {}
                }
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'}' | b']' | b':' if self.bare => {
                    return Ok((at, lines, true));
                }
                b'\n' => lines += 1,
                b' ' | b'\t' | b'\r' => {}
                b'"' if !self.bare => {
                    keep(b"\"")?;
                    self.string = true;
                }
                b'{' | b'[' => {
                    keep(&[byte])?;
                    self.depth += 1;
                    if self.depth > JSON_DEPTH_MAX {
                        return Err(Fault::TooDeep);
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.checked_sub(1).ok_or(Fault::Bracket)?;
                    keep(&[byte])?;
                    if self.depth == 0 {
                        return Ok((at + 1, lines, true));
                    }
                }
                b',' | b':' if self.depth == 0 => return Err(Fault::Bracket),
                _ => {
                    keep(&[byte])?;
                    // White space within brackets may end a word, too, but the bracket ends the value.
                    self.bare = self.depth == 0;
                }
            }
            at += 1;
        }
        Ok((chunk.len(), lines, false))
    }
}
