//! Where bytes come from: a file or memory, through whatever they are packed in.
//!
//! Everything is read as a stream and may be read again from the start. Only [`Bounded`] stands between
//! a hostile file and a reader that collects a line, a tag or a record before it looks at it.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read, Seek as _, SeekFrom},
    path::PathBuf,
};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    limits::{DOCUMENT_BYTES_MAX, HEAD_BYTES_MAX},
    refusal::{Place, Reason, Refusal},
};

const BUFFER: usize = 128 * 1024;

/// A file, or the content of one.
#[derive(Clone)]
pub enum Source {
    /// A file on the disk.
    File(PathBuf),
    /// Bytes in memory.
    Bytes(Vec<u8>),
}

/// What a file is packed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Coat {
    /// Nothing.
    Plain,
    /// gzip (RFC 1952).
    Gzip,
    /// Blocks of gzip with a known end, as genomics packs (SAM specification, 4.1).
    Bgzf,
    /// zlib (RFC 1950), as CDISC packs.
    Zlib,
}

impl Source {
    /// Bytes of the file as it is.
    pub fn bytes(&self) -> Result<u64, Refusal> {
        match self {
            Self::File(path) => path.metadata().map(|m| m.len()).map_err(|e| unreadable(&e)),
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// The file as it is, from the start.
    pub fn open(&self) -> Result<Box<dyn BufRead + '_>, Refusal> {
        match self {
            Self::File(path) => {
                let file = File::open(path).map_err(|e| unreadable(&e))?;
                if file.metadata().is_ok_and(|m| m.is_dir()) {
                    let reason = "is a directory; name the files in it";
                    return Err(Refusal::file(Reason::Unknown(reason)));
                }
                Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
            }
            Self::Bytes(bytes) => Ok(Box::new(Cursor::new(bytes.as_slice()))),
        }
    }

    /// What is in the file, from the start, without a byte order mark.
    pub fn unpacked(&self, coat: Coat) -> Result<Box<dyn BufRead + '_>, Refusal> {
        let packed = self.open()?;
        let mut plain: Box<dyn BufRead + '_> = match coat {
            Coat::Plain => packed,
            // Blocks are members of one gzip file.
            Coat::Gzip | Coat::Bgzf => Box::new(buffered(MultiGzDecoder::new(packed))),
            Coat::Zlib => Box::new(buffered(ZlibDecoder::new(packed))),
        };
        let start = plain.fill_buf().map_err(|e| damaged(&e))?;
        if start.starts_with(b"\xef\xbb\xbf") {
            plain.consume(3);
        }
        Ok(plain)
    }

    /// A document that is held in memory as a whole.
    ///
    /// # Errors
    /// [`Refusal`], where it cannot be read or has more than `DOCUMENT_BYTES_MAX` bytes.
    pub(crate) fn document_bytes(&self, coat: Coat) -> Result<Vec<u8>, Refusal> {
        let mut text = Vec::new();
        self.unpacked(coat)?
            .take(DOCUMENT_BYTES_MAX as u64 + 1)
            .read_to_end(&mut text)
            .map_err(|e| Refusal::of_io(&e, Place::file(), "the file"))?;
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(Refusal::file(Reason::TooMuch {
                what: "bytes",
                limit: "DOCUMENT_BYTES_MAX",
                max: DOCUMENT_BYTES_MAX as u64,
            }));
        }
        Ok(text)
    }

    /// A JSON document that is nobody's health data: what is wrong with it is told in the parser's words.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let text = self.document_bytes(self.coat()?)?;
        serde_json::from_slice(&text)
            .map_err(|e| Refusal::malformed(Place::line(e.line() as u64), e.to_string()))
    }

    /// The last bytes of the file as it is.
    pub(crate) fn tail(&self, bytes: u64) -> Result<Vec<u8>, Refusal> {
        let skip = self.bytes()?.saturating_sub(bytes);
        let mut tail = Vec::new();
        let read = match self {
            Self::File(path) => File::open(path).and_then(|mut file| {
                file.seek(SeekFrom::Start(skip))?;
                file.take(bytes).read_to_end(&mut tail)
            }),
            Self::Bytes(all) => {
                let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                tail.extend_from_slice(all.get(skip..).unwrap_or_default());
                Ok(0)
            }
        };
        read.map(|_| tail).map_err(|e| unreadable(&e))
    }

    /// The first bytes of what is in the file, all of them where it is short; and the damage, where it
    /// ends in one.
    pub(crate) fn head(&self, coat: Coat) -> Result<(Vec<u8>, Option<Refusal>), Refusal> {
        let mut head = Vec::new();
        let taken = self
            .unpacked(coat)?
            .take(HEAD_BYTES_MAX as u64)
            .read_to_end(&mut head);
        Ok((head, taken.err().map(|e| damaged(&e))))
    }

    /// What the file is packed in, by its first bytes.
    pub(crate) fn coat(&self) -> Result<Coat, Refusal> {
        let mut start = Vec::new();
        self.open()?
            .take(18)
            .read_to_end(&mut start)
            .map_err(|e| unreadable(&e))?;
        Ok(match start.as_slice() {
            // Deflate, an extra field, and in it the subfield "BC" of two bytes.
            [
                0x1f,
                0x8b,
                8,
                4,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                b'B',
                b'C',
                2,
                0,
                ..,
            ] => Coat::Bgzf,
            [0x1f, 0x8b, ..] => Coat::Gzip,
            // Deflate with a window of up to 32 KiB, and the check of the two bytes.
            [cmf @ (0x78 | 0x68 | 0x58 | 0x48), flg, ..]
                if (u16::from(*cmf) * 256 + u16::from(*flg)) % 31 == 0 && flg & 0x20 == 0 =>
            {
                Coat::Zlib
            }
            _ => Coat::Plain,
        })
    }
}

fn buffered<R: Read>(reader: R) -> BufReader<R> {
    BufReader::with_capacity(BUFFER, reader)
}

fn unreadable(error: &io::Error) -> Refusal {
    Refusal::file(Reason::Unreadable(error.kind().to_string()))
}

fn damaged(error: &io::Error) -> Refusal {
    Refusal::of_io(error, Place::file(), "what the file is packed in")
}

/// A reader that fails when one thing that is read through it is longer than it may be. Whoever uses
/// it says where things end, by [`Bounded::next`].
pub(crate) struct Bounded<R> {
    inner: R,
    left: usize,
    max: usize,
    limit: &'static str,
    what: &'static str,
    offset: u64,
    last: u8,
}

impl<R> Bounded<R> {
    /// Takes things of at most `max` bytes. `limit` is the name of that, `what` is what a file that
    /// ends too early ends in the middle of.
    pub(crate) const fn new(inner: R, max: usize, limit: &'static str, what: &'static str) -> Self {
        Self {
            inner,
            left: max,
            max,
            limit,
            what,
            offset: 0,
            last: 0,
        }
    }

    /// Here a thing begins.
    pub(crate) const fn next(&mut self) {
        self.left = self.max;
    }

    /// Here things begin that may be so long.
    pub(crate) const fn allow(&mut self, max: usize, limit: &'static str, what: &'static str) {
        self.max = max;
        self.limit = limit;
        self.what = what;
        self.left = max;
    }

    /// The last byte that was read.
    pub(crate) const fn last(&self) -> u8 {
        self.last
    }

    /// What a failure to read here means.
    pub(crate) fn refusal(&self, error: &io::Error) -> Refusal {
        Refusal::of_io(error, Place::byte(self.offset), self.what)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.inner.fill_buf()?;
        if self.left == 0 && !available.is_empty() {
            return Err(io::Error::other(Refusal::at(
                Place::byte(self.offset),
                Reason::TooMuch {
                    what: "bytes in one piece",
                    limit: self.limit,
                    max: self.max as u64,
                },
            )));
        }
        let end = available.len().min(self.left);
        Ok(available.get(..end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.offset = self.offset.saturating_add(amount as u64);
        if let Some(at) = amount.checked_sub(1)
            && let Ok(Some(last)) = self.inner.fill_buf().map(|buffer| buffer.get(at))
        {
            self.last = *last;
        }
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(into.len());
        for (to, from) in into.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(amount);
        Ok(amount)
    }
}
