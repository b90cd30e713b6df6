//! Zip archives, read by their central directory and written plainly.
//!
//! Entries are stored or deflated; nothing is ever written to a path that an archive names. An entry is
//! unpacked up to a limit, whatever the archive says of its size, and its checksum is checked. Encrypted
//! entries, archives in several parts and ZIP64 are refused: what people exchange in construction has none.

use std::io::{Read as _, Write as _};

use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};

use crate::{
    limits::{ARCHIVE_ENTRIES_MAX, ARCHIVE_ENTRY_BYTES_MAX},
    refusal::Refusal,
};

const END: &[u8; 4] = b"PK\x05\x06";
const ENTRY: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";
const END_BYTES: usize = 22;
/// The comment that may follow the end.
const COMMENT_MAX: usize = 65_535;
/// 1980-01-01, where zip's calendar begins: an archive of the same content is the same archive.
const DATE: u16 = 0x21;

/// An archive.
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

/// What the central directory says of an entry.
pub(crate) struct Entry {
    pub(crate) name: String,
    method: u16,
    crc: u32,
    packed: usize,
    local: usize,
    encrypted: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

fn damaged() -> Refusal {
    Refusal::malformed("the archive is damaged; fetch it again")
}

impl<'a> Archive<'a> {
    /// Whether bytes begin like an archive.
    pub(crate) fn is(bytes: &[u8]) -> bool {
        bytes.starts_with(LOCAL) || bytes.starts_with(END)
    }

    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let from = bytes.len().saturating_sub(END_BYTES + COMMENT_MAX);
        let tail = bytes.get(from..).unwrap_or_default();
        let end = tail.windows(4).rposition(|window| window == END);
        let end = end.and_then(|end| from.checked_add(end));
        let end = end.filter(|end| end.saturating_add(END_BYTES) <= bytes.len());
        let end = end.ok_or_else(|| Refusal::malformed("is no zip archive, or was cut off"))?;
        let count = u16_at(bytes, end + 10).ok_or_else(damaged)?;
        let mut at = size_at(bytes, end + 16).ok_or_else(damaged)?;
        if usize::from(count) > ARCHIVE_ENTRIES_MAX {
            return Err(Refusal::TooMuch {
                what: "entries",
                limit: "ARCHIVE_ENTRIES_MAX",
                max: ARCHIVE_ENTRIES_MAX,
            });
        }
        let mut entries = Vec::new();
        for _ in 0..count {
            let (entry, next) = entry(bytes, at).ok_or_else(damaged)?;
            entries.push(entry);
            at = next;
        }
        Ok(Self { bytes, entries })
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first entry whose name, without regard to case, is as asked.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// An entry, unpacked.
    pub(crate) fn content(&self, entry: &Entry) -> Result<Vec<u8>, Refusal> {
        let packed = self.packed(entry).ok_or_else(damaged)?;
        if entry.encrypted {
            return Err(Refusal::malformed(
                "an entry is encrypted; save it without a password",
            ));
        }
        let mut content = Vec::new();
        match entry.method {
            0 => content.extend_from_slice(packed),
            8 => {
                let max = ARCHIVE_ENTRY_BYTES_MAX as u64 + 1;
                let mut reader = DeflateDecoder::new(packed).take(max);
                reader.read_to_end(&mut content).map_err(|_| damaged())?;
            }
            _ => {
                return Err(Refusal::malformed(
                    "an entry is neither stored nor deflated",
                ));
            }
        }
        if content.len() > ARCHIVE_ENTRY_BYTES_MAX {
            return Err(Refusal::TooMuch {
                what: "bytes of an entry",
                limit: "ARCHIVE_ENTRY_BYTES_MAX",
                max: ARCHIVE_ENTRY_BYTES_MAX,
            });
        }
        let mut crc = Crc::new();
        crc.update(&content);
        if crc.sum() == entry.crc {
            Ok(content)
        } else {
            Err(damaged())
        }
    }

    fn packed(&self, entry: &Entry) -> Option<&'a [u8]> {
        let head = self.bytes.get(entry.local..)?;
        if !head.starts_with(LOCAL) {
            return None;
        }
        let (name, extra) = (u16_at(head, 26)?, u16_at(head, 28)?);
        let from = 30 + usize::from(name) + usize::from(extra);
        head.get(from..from.checked_add(entry.packed)?)
    }
}

fn entry(bytes: &[u8], at: usize) -> Option<(Entry, usize)> {
    let head = bytes.get(at..)?;
    if !head.starts_with(ENTRY) {
        return None;
    }
    let name_bytes = usize::from(u16_at(head, 28)?);
    let name = head.get(46..46 + name_bytes)?;
    let rest = usize::from(u16_at(head, 30)?) + usize::from(u16_at(head, 32)?);
    let entry = Entry {
        // Some tools write the separators of their own system.
        name: String::from_utf8_lossy(name).replace('\\', "/"),
        method: u16_at(head, 10)?,
        crc: u32_at(head, 16)?,
        packed: size_at(head, 20)?,
        local: size_at(head, 42)?,
        encrypted: u16_at(head, 8)? & 1 == 1,
    };
    Some((entry, at.checked_add(46 + name_bytes + rest)?))
}

/// An archive of some files, in their order.
pub(crate) fn write(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Refusal> {
    let failed = |_| Refusal::malformed("the archive becomes too large");
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let packed = encoder.write_all(content).and_then(|()| encoder.finish());
        let packed = packed.map_err(|e| Refusal::Unreadable(e.to_string()))?;
        let mut crc = Crc::new();
        crc.update(content);
        let local = u32::try_from(out.len()).map_err(failed)?;
        let mut common = Vec::new();
        // Version, flags (names in UTF-8), deflated, time and date.
        for field in [20_u16, 0x800, 8, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        common.extend(crc.sum().to_le_bytes());
        for size in [packed.len(), content.len()] {
            common.extend(u32::try_from(size).map_err(failed)?.to_le_bytes());
        }
        common.extend(u16::try_from(name.len()).map_err(failed)?.to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        out.extend(LOCAL);
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(&packed);
        directory.extend(ENTRY);
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(local.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).map_err(failed)?.to_le_bytes();
    let (start, size) = (out.len(), directory.len());
    out.append(&mut directory);
    out.extend(END);
    out.extend([0; 4]);
    out.extend(count);
    out.extend(count);
    for number in [size, start] {
        out.extend(u32::try_from(number).map_err(failed)?.to_le_bytes());
    }
    out.extend([0; 2]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<(String, Vec<u8>)> {
        vec![
            ("a/b.txt".into(), b"hello hello hello".to_vec()),
            ("empty".into(), Vec::new()),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = write(&files()).unwrap();
        let archive = Archive::read(&bytes).unwrap();
        let names: Vec<_> = archive.entries().iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["a/b.txt", "empty"]);
        for (entry, (_, content)) in archive.entries().iter().zip(files()) {
            assert_eq!(archive.content(entry).unwrap(), content);
        }
        assert!(archive.find("A/B.TXT").is_some());
    }

    #[test]
    fn damage_is_refused_and_does_no_harm() {
        let bytes = write(&files()).unwrap();
        for end in 0..bytes.len() {
            assert!(Archive::read(&bytes[..end]).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            if let Ok(archive) = Archive::read(&bytes) {
                for entry in archive.entries() {
                    if let Ok(content) = archive.content(entry) {
                        let mut known = files().into_iter();
                        assert!(known.any(|(_, whole)| whole == content), "{at}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_entry_does_not_unpack_for_ever() {
        let bomb = vec![("zeros".to_owned(), vec![0; ARCHIVE_ENTRY_BYTES_MAX + 1])];
        let bytes = write(&bomb).unwrap();
        let archive = Archive::read(&bytes).unwrap();
        let entry = &archive.entries()[0];
        assert!(matches!(
            archive.content(entry),
            Err(Refusal::TooMuch { .. })
        ));
    }
}
