//! Whose store a directory of the engine is.
//!
//! ```text
//! DATA/engine/store.json   {"commonhold_store": 1, "genesis": "0x…", "member": "0x…"}
//! DATA/engine/member-*/    the engine's partitions
//! ```
//!
//! The marker is written when the directory is empty, and compared at every start before the engine
//! opens anything. A directory that was exchanged for another member's, or for one of another
//! network, is refused as it is: an engine that went on from it would take the votes of another for
//! its own.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

use crate::{keys, limits::STORE_MARKER_BYTES_MAX};

const MARKER: &str = "store.json";
const FORMAT: u32 = 1;
/// What the names of partitions do not begin with.
const HIDDEN: char = '.';

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    commonhold_store: u32,
    genesis: B256,
    member: B256,
}

/// Why a store is not opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is of another network.
    #[error(
        "{} is the store of another network (genesis {found}, not {wanted}): check `data` and `genesis`",
        dir.display()
    )]
    Network {
        /// The directory.
        dir: PathBuf,
        /// Its genesis hash.
        found: B256,
        /// This network's.
        wanted: B256,
    },
    /// It is another member's.
    #[error(
        "{} is the store of another member ({found}, not {wanted}): check `data` and `identity`",
        dir.display()
    )]
    Member {
        /// The directory.
        dir: PathBuf,
        /// Its member's key.
        found: B256,
        /// This member's.
        wanted: B256,
    },
    /// It was made by a version that stores otherwise.
    #[error(
        "{} has format {found}, and this version knows format {FORMAT}: run the version that made it",
        dir.display()
    )]
    Format {
        /// The directory.
        dir: PathBuf,
        /// Its format.
        found: u32,
    },
    /// It does not say whose it is.
    #[error(
        "{} does not say whose store it is ({MARKER}: {why}). Delete it and start with --join, which fetches \
         the state from the other members",
        dir.display()
    )]
    Unmarked {
        /// The directory.
        dir: PathBuf,
        /// What is wrong with the marker.
        why: String,
    },
    /// The directory cannot be made.
    #[error(transparent)]
    Create(#[from] keys::KeyError),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

/// Checks that `dir` is the store of `member` in the network with this genesis hash, and makes it so
/// where it is absent or empty.
///
/// # Errors
/// [`StoreError`]; the directory is then as it was.
pub fn claim(dir: &Path, genesis: B256, member: B256) -> Result<(), StoreError> {
    let path = dir.join(MARKER);
    let marker = match read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if holds_something(dir)? {
                return Err(StoreError::Unmarked {
                    dir: dir.into(),
                    why: e.to_string(),
                });
            }
            return mark(dir, genesis, member);
        }
        Err(source) => return Err(StoreError::Io { path, source }),
    };
    let marker: Marker = serde_json::from_slice(&marker).map_err(|e| StoreError::Unmarked {
        dir: dir.into(),
        why: e.to_string(),
    })?;
    let dir = dir.to_path_buf();
    if marker.commonhold_store != FORMAT {
        let found = marker.commonhold_store;
        return Err(StoreError::Format { dir, found });
    }
    if marker.genesis != genesis {
        return Err(StoreError::Network {
            dir,
            found: marker.genesis,
            wanted: genesis,
        });
    }
    if marker.member != member {
        return Err(StoreError::Member {
            dir,
            found: marker.member,
            wanted: member,
        });
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(STORE_MARKER_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether there is anything that an engine has stored.
fn holds_something(dir: &Path) -> Result<bool, StoreError> {
    let io_error = |source| StoreError::Io {
        path: dir.into(),
        source,
    };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(io_error(e)),
    };
    for entry in entries {
        let name = entry.map_err(io_error)?.file_name();
        // The engine's lock, and a marker that was not finished.
        if !name.to_string_lossy().starts_with(HIDDEN) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn mark(dir: &Path, genesis: B256, member: B256) -> Result<(), StoreError> {
    let path = dir.join(MARKER);
    let io_error = |source| StoreError::Io {
        path: path.clone(),
        source,
    };
    let marker = Marker {
        commonhold_store: FORMAT,
        genesis,
        member,
    };
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        serde_json::to_writer(&mut file, &marker)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(dir)?.sync_all()
    };
    keys::create_private_dir(dir)?;
    write().map_err(io_error)
}

#[cfg(test)]
mod tests;
