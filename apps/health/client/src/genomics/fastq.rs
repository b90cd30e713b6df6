//! Reads as the sequencer gave them: FASTQ.
//!
//! Bases and qualities of a read may be broken into lines, as older files have it; the qualities end where
//! there are as many as bases, since a line of them may begin with any sign. The library's reader takes
//! unbroken ones alone, so this one is ours.

use std::io::BufRead;

use super::{kept, whole};
use crate::{
    Contents, Kind,
    limits::LINE_BYTES_MAX,
    refusal::{Place, Reason, Refusal},
    source::{Bounded, Coat, Source},
};

/// Reads a file of reads.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    whole(source, coat)?;
    let bounded = Bounded::new(
        source.unpacked(coat)?,
        LINE_BYTES_MAX,
        "LINE_BYTES_MAX",
        "a read",
    );
    let mut lines = Lines {
        inner: bounded,
        line: Vec::new(),
        reads: 0,
    };
    while lines.read()? {}
    let mut contents = Contents::new(Kind::Fastq);
    contents.records = lines.reads;
    contents.people_count = 1;
    contents.counts.add("reads", lines.reads);
    kept(source, contents)
}

struct Lines<R> {
    inner: Bounded<R>,
    /// The line that was read last, without its end.
    line: Vec<u8>,
    reads: u64,
}

impl<R: BufRead> Lines<R> {
    fn place(&self) -> Place {
        Place::record(self.reads)
    }

    fn wrong<T>(&self, what: &str) -> Result<T, Refusal> {
        Err(Refusal::malformed(self.place(), what))
    }

    /// The byte that stands next; nothing at the end.
    fn peek(&mut self) -> Result<Option<u8>, Refusal> {
        let place = self.place();
        let rest = self.inner.fill_buf();
        let rest = rest.map_err(|e| Refusal::of_io(&e, place, "a read"))?;
        Ok(rest.first().copied())
    }

    /// Goes on to the next line of a read, which must be there.
    fn next(&mut self) -> Result<(), Refusal> {
        self.line.clear();
        let place = self.place();
        let taken = self.inner.read_until(b'\n', &mut self.line);
        if taken.map_err(|e| Refusal::of_io(&e, place, "a read"))? == 0 {
            return Err(Refusal::at(self.place(), Reason::Truncated("a read")));
        }
        for end in [b'\n', b'\r'] {
            if self.line.last() == Some(&end) {
                self.line.pop();
            }
        }
        Ok(())
    }

    /// Reads a read. `false`: there is none.
    fn read(&mut self) -> Result<bool, Refusal> {
        self.inner.next();
        if self.peek()?.is_none() {
            return Ok(false);
        }
        self.reads += 1;
        self.next()?;
        if self.line.len() < 2 || !self.line.starts_with(b"@") {
            return self.wrong("has no name: a line with @ must begin it");
        }
        let mut bases = 0;
        while self.peek()? != Some(b'+') {
            self.next()?;
            let is_base = |b: &u8| b.is_ascii_alphabetic() || b".*-".contains(b);
            if !self.line.iter().all(is_base) {
                return self.wrong("its bases are none");
            }
            bases += self.line.len();
        }
        self.next()?;
        let mut qualities = 0;
        // A read without bases has a line for its qualities all the same.
        while qualities < bases || (bases == 0 && self.peek()? == Some(b'\n')) {
            if self.peek()?.is_none() {
                return Err(Refusal::at(self.place(), Reason::Truncated("a read")));
            }
            self.next()?;
            if !self.line.iter().all(|q| (33..=126).contains(q)) {
                return self.wrong("a quality is out of range");
            }
            if self.line.is_empty() {
                if bases > 0 {
                    return self.wrong("there are not as many qualities as bases");
                }
                break;
            }
            qualities += self.line.len();
        }
        if qualities != bases {
            return self.wrong("there are not as many qualities as bases");
        }
        Ok(true)
    }
}
