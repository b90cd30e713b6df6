//! Files of an export: how they are written, and the list of them.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_sdk::place::{directory, nameless, place};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::limits::EXPORT_FILES_MAX;

/// The list for programs.
pub(crate) const INDEX: &str = "index.json";
/// The list for people.
pub(crate) const PAGE: &str = "index.md";

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    /// Its path in the directory, with `/` between names.
    pub(crate) path: String,
    /// Its length.
    pub(crate) bytes: u64,
    /// SHA-256 of it.
    pub(crate) sha256: B256,
}

/// Writes a file that appears complete or not at all.
pub(crate) fn write(path: &Path, content: &[u8]) -> eyre::Result<()> {
    let mut file = nameless(directory(path))?;
    file.write_all(content)?;
    place(file, path)?;
    Ok(())
}

/// JSON over several lines.
pub(crate) fn pretty(value: &impl Serialize) -> eyre::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

/// Resources, one to a line.
pub(crate) fn lines(resources: &[Value]) -> Vec<u8> {
    let mut text = Vec::new();
    for resource in resources {
        text.extend_from_slice(resource.to_string().as_bytes());
        text.push(b'\n');
    }
    text
}

/// Every file in a directory, by path, in their order; without the list itself.
pub(crate) fn files(root: &Path) -> io::Result<Vec<String>> {
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
            if found.len() > EXPORT_FILES_MAX {
                return Err(io::Error::other("more than EXPORT_FILES_MAX files"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A file's entry.
pub(crate) fn entry(root: &Path, path: &str) -> io::Result<Entry> {
    let mut file = File::open(root.join(path))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0u64);
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        hash.update(part.get(..read).unwrap_or_default());
        bytes = bytes.saturating_add(read as u64);
    }
    Ok(Entry {
        path: path.to_owned(),
        bytes,
        sha256: B256::from(<[u8; 32]>::from(hash.finalize())),
    })
}
