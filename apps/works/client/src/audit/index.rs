//! Files of a bundle: how they are read and written, and the list of them.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_sdk::{
    SdkError,
    place::{directory, nameless, place},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::limits::{AUDIT_FILE_BYTES_MAX, AUDIT_FILES_MAX};

/// The list.
pub(crate) const INDEX: &str = "index.json";

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// Its path in the directory, with `/` between names.
    pub(crate) path: String,
    /// Its length.
    pub(crate) bytes: u64,
    /// SHA-256 of it.
    pub(crate) sha256: B256,
}

impl Entry {
    /// Of a file with this content.
    pub(crate) fn of(path: &str, content: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            bytes: content.len() as u64,
            sha256: B256::from(<[u8; 32]>::from(Sha256::digest(content))),
        }
    }
}

/// Writes a file that appears complete or not at all, and its directory where there is none.
pub(crate) fn write(path: &Path, content: &[u8]) -> eyre::Result<()> {
    let directory = directory(path);
    fs::create_dir_all(directory)?;
    let mut file = nameless(directory)?;
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

/// What does not hold.
pub(crate) fn broken(why: impl Into<String>) -> SdkError {
    SdkError::Integrity(why.into())
}

/// Reads a file of bounded length.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SdkError> {
    let failed = |e: io::Error| broken(format!("{}: {e}", path.display()));
    let mut content = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(AUDIT_FILE_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(failed)?;
    if content.len() as u64 > AUDIT_FILE_BYTES_MAX {
        let what = format!("{} is longer than AUDIT_FILE_BYTES_MAX", path.display());
        return Err(broken(what));
    }
    Ok(content)
}

/// Every file in a directory, by path, in their order. What is neither file nor directory is listed too.
pub(crate) fn files(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(root.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
            if found.len().max(open.len()) > AUDIT_FILES_MAX {
                return Err(io::Error::other("more than AUDIT_FILES_MAX files"));
            }
        }
    }
    found.sort();
    Ok(found)
}
