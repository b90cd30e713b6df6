//! Bundles: directories of files that are handed out with the list of them, and checked by whoever gets them.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_vault::VaultError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::place::{directory, nameless, place};

/// Bytes of a file that are read at a time.
const PART_BYTES: usize = 64 * 1024;

/// The list.
pub const INDEX: &str = "index.json";

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Its path in the directory, with `/` between names.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: B256,
}

impl Entry {
    /// Of a file with this content.
    pub fn of(path: &str, content: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            bytes: content.len() as u64,
            sha256: B256::from(<[u8; 32]>::from(Sha256::digest(content))),
        }
    }

    /// Of a file of the bundle at `root`, whatever its length.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(root: &Path, path: &str) -> io::Result<Self> {
        let mut file = File::open(root.join(path))?;
        let (mut hash, mut bytes) = (Sha256::new(), 0u64);
        let mut part = vec![0; PART_BYTES];
        loop {
            let read = file.read(&mut part)?;
            if read == 0 {
                break;
            }
            hash.update(part.get(..read).unwrap_or_default());
            bytes = bytes.saturating_add(read as u64);
        }
        Ok(Self {
            path: path.to_owned(),
            bytes,
            sha256: B256::from(<[u8; 32]>::from(hash.finalize())),
        })
    }
}

/// Writes a file that appears complete or not at all, and its directory where there is none.
///
/// # Errors
/// Where it cannot be written.
pub fn write(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    let directory = directory(path);
    fs::create_dir_all(directory)?;
    let mut file = nameless(directory)?;
    file.write_all(content)?;
    place(file, path)
}

/// JSON over several lines.
///
/// # Errors
/// Where the value is none that JSON has.
pub fn pretty(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

/// Reads a file of at most `max` bytes; `None` where it has more.
///
/// # Errors
/// Where it cannot be read.
pub fn read(path: &Path, max: u64) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    File::open(path)?
        .take(max.saturating_add(1))
        .read_to_end(&mut content)?;
    Ok((content.len() as u64 <= max).then_some(content))
}

/// Every file in a directory, by path, in their order, but the list itself; `None` where there are more than `max`.
/// What is neither file nor directory is listed too.
///
/// # Errors
/// Where a directory cannot be read.
pub fn files(root: &Path, max: usize) -> io::Result<Option<Vec<String>>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(root.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if path != Path::new(INDEX) {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
            if found.len().max(open.len()) > max {
                return Ok(None);
            }
        }
    }
    found.sort();
    Ok(Some(found))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_listed_without_its_list() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for path in ["b.csv", "deep/er/a.csv", INDEX, "deep/index.json"] {
            write(&root.join(path), path.as_bytes()).unwrap();
        }
        let listed = files(root, 3).unwrap().unwrap();
        assert_eq!(listed, ["b.csv", "deep/er/a.csv", "deep/index.json"]);
        assert_eq!(files(root, 2).unwrap(), None);
        let entry = Entry::read(root, "b.csv").unwrap();
        assert_eq!(entry, Entry::of("b.csv", b"b.csv"));
        assert_eq!(read(&root.join("b.csv"), 5).unwrap().unwrap(), b"b.csv");
        assert_eq!(read(&root.join("b.csv"), 4).unwrap(), None);
    }
}
