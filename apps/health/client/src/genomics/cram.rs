//! CRAM 3: containers of blocks, each with its checksum (CRAM specification 3.1, sections 6 to 8).

use std::io::BufRead;

use flate2::Crc;

use super::kept;
use crate::{
    Contents, Kind,
    limits::HEADER_BYTES_MAX,
    refusal::{Place, Reason, Refusal},
    source::{Coat, Source},
};

/// Bytes of the file definition: magic, version, an id.
const DEFINITION: usize = 26;
/// The position that marks the container at the end.
const END_POSITION: i64 = 4_542_278;

/// Reads a file of reads.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut walk = Walk {
        inner: source.unpacked(coat)?,
        crc: Crc::new(),
        offset: 0,
    };
    let mut definition = [0; DEFINITION];
    walk.exact(&mut definition)?;
    let [_, _, _, _, major, ..] = definition;
    if major != 3 {
        let what =
            "is CRAM, but not of version 3; write it anew (samtools view -O cram,version=3.0)";
        return Err(Refusal::malformed(Place::byte(4), what));
    }
    let (mut reads, mut containers, mut ended) = (0_u64, 0_u64, false);
    while let Some(container) = walk.container()? {
        if ended {
            return Err(Refusal::malformed(
                walk.place(),
                "something follows the end marker",
            ));
        }
        ended = container.end;
        if containers == 0 && container.length > HEADER_BYTES_MAX as u64 {
            return Err(Refusal::at(
                walk.place(),
                Reason::TooMuch {
                    what: "bytes of header",
                    limit: "HEADER_BYTES_MAX",
                    max: HEADER_BYTES_MAX as u64,
                },
            ));
        }
        walk.blocks(&container)?;
        reads = reads.saturating_add(container.records);
        containers += 1;
    }
    if !ended {
        let reason = Reason::Truncated("its containers: the end marker is missing");
        return Err(Refusal::at(walk.place(), reason));
    }
    let mut contents = Contents::new(Kind::Cram);
    contents.records = reads;
    contents.people_count = 1;
    contents.counts.add("reads", reads);
    contents.counts.add("containers", containers);
    kept(source, contents)
}

struct Container {
    length: u64,
    records: u64,
    blocks: u64,
    end: bool,
}

/// A place in the file, with the checksum of what was read since it was last begun.
struct Walk<R> {
    inner: R,
    crc: Crc,
    offset: u64,
}

impl<R: BufRead> Walk<R> {
    fn place(&self) -> Place {
        Place::byte(self.offset)
    }

    fn wrong<T>(&self, what: &str) -> Result<T, Refusal> {
        Err(Refusal::malformed(self.place(), what))
    }

    fn exact(&mut self, into: &mut [u8]) -> Result<(), Refusal> {
        let place = self.place();
        self.inner
            .read_exact(into)
            .map_err(|e| Refusal::of_io(&e, place, "a container"))?;
        self.crc.update(into);
        self.offset = self.offset.saturating_add(into.len() as u64);
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        let mut byte = [0];
        self.exact(&mut byte)?;
        let [byte] = byte;
        Ok(byte)
    }

    /// A number of one to five bytes (ITF8): leading ones of the first count the bytes that follow. Of
    /// the last of five four bits count.
    fn itf8(&mut self) -> Result<i64, Refusal> {
        let first = self.byte()?;
        let more = first.leading_ones().min(4);
        let mut value = i64::from(if more == 4 {
            first & 0x0f
        } else {
            first & (0x7f >> more)
        });
        for i in 0..more {
            let byte = i64::from(self.byte()?);
            value = if i == 3 {
                (value << 4) | (byte & 0x0f)
            } else {
                (value << 8) | byte
            };
        }
        // 32 bits, signed.
        Ok(if value > i64::from(i32::MAX) {
            value - (1 << 32)
        } else {
            value
        })
    }

    /// A number of one to nine bytes (LTF8).
    fn ltf8(&mut self) -> Result<(), Refusal> {
        let first = self.byte()?;
        for _ in 0..first.leading_ones() {
            self.byte()?;
        }
        Ok(())
    }

    fn length(&mut self, what: &str) -> Result<u64, Refusal> {
        let value = self.itf8()?;
        u64::try_from(value).or_else(|_| self.wrong(what))
    }

    /// Compares the checksum that stands here with that of what was read.
    fn checksum(&mut self, what: &str) -> Result<(), Refusal> {
        let sum = self.crc.sum();
        let mut stored = [0; 4];
        self.exact(&mut stored)?;
        if u32::from_le_bytes(stored) == sum {
            Ok(())
        } else {
            self.wrong(what)
        }
    }

    /// The header of the next container; nothing at the end of the file.
    fn container(&mut self) -> Result<Option<Container>, Refusal> {
        let place = self.place();
        let rest = self.inner.fill_buf();
        if rest
            .map_err(|e| Refusal::of_io(&e, place, "a container"))?
            .is_empty()
        {
            return Ok(None);
        }
        self.crc.reset();
        let mut length = [0; 4];
        self.exact(&mut length)?;
        let Ok(length) = u64::try_from(i32::from_le_bytes(length)) else {
            return self.wrong("the length of a container is negative");
        };
        let sequence = self.itf8()?;
        let start = self.itf8()?;
        let _span = self.itf8()?;
        let records = self.length("the number of reads is negative")?;
        self.ltf8()?;
        self.ltf8()?;
        let blocks = self.length("the number of blocks is negative")?;
        for _ in 0..self.length("the number of landmarks is negative")? {
            self.itf8()?;
        }
        self.checksum("the checksum of a container's header does not match: the file is damaged")?;
        Ok(Some(Container {
            length,
            records,
            blocks,
            end: sequence == -1 && start == END_POSITION && records == 0,
        }))
    }

    fn blocks(&mut self, container: &Container) -> Result<(), Refusal> {
        let begin = self.offset;
        let end = begin.saturating_add(container.length);
        for _ in 0..container.blocks {
            self.crc.reset();
            let _method = self.byte()?;
            let _content = self.byte()?;
            self.itf8()?;
            let packed = self.length("the length of a block is negative")?;
            let _unpacked = self.length("the length of a block is negative")?;
            if packed > end.saturating_sub(self.offset) {
                return self.wrong("a block is longer than its container");
            }
            self.pass(packed)?;
            self.checksum("the checksum of a block does not match: the file is damaged")?;
        }
        // What is left over is for later versions of the header.
        match end.checked_sub(self.offset) {
            Some(rest) => self.pass(rest),
            None => self.wrong("the blocks of a container are longer than it"),
        }
    }

    /// Passes bytes, and counts them into the checksum.
    fn pass(&mut self, mut bytes: u64) -> Result<(), Refusal> {
        while bytes > 0 {
            let place = self.place();
            let chunk = self
                .inner
                .fill_buf()
                .map_err(|e| Refusal::of_io(&e, place.clone(), "a block"))?;
            if chunk.is_empty() {
                return Err(Refusal::at(place, Reason::Truncated("a block")));
            }
            let length = chunk
                .len()
                .min(usize::try_from(bytes).unwrap_or(usize::MAX));
            self.crc.update(chunk.get(..length).unwrap_or_default());
            self.inner.consume(length);
            self.offset = self.offset.saturating_add(length as u64);
            bytes -= length as u64;
        }
        Ok(())
    }
}
