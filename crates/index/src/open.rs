//! What is checked when the file is opened.

use std::path::Path;

use alloy_primitives::B256;
use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, StorageError};

use crate::{
    error::IndexError,
    tables::{BLOCKS, HASHES, LOGS, META, POSITIONS, SENT, TOUCHED, WITNESSES},
};

/// Raised whenever the form of the file changes: older files are then rebuilt.
const VERSION: u64 = 1;

/// What a failure to open means.
pub(crate) fn cannot_open(path: &Path, error: DatabaseError) -> IndexError {
    let path = path.to_path_buf();
    match error {
        DatabaseError::DatabaseAlreadyOpen => IndexError::InUse { path },
        DatabaseError::Storage(StorageError::Io(e))
            if !matches!(
                e.kind(),
                std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof
            ) =>
        {
            IndexError::Storage(format!("{}: {e}", path.display()))
        }
        other => IndexError::Damaged {
            path,
            why: other.to_string(),
        },
    }
}

/// Creates what is missing and checks what is there. Gives height, floor and the bytes of witnesses.
pub(crate) fn prepare(
    db: &Database,
    path: Option<&Path>,
    genesis: B256,
) -> Result<(u64, u64, u64), IndexError> {
    let path = || path.map(Path::to_path_buf).unwrap_or_default();
    let damaged = |why: String| IndexError::Damaged { path: path(), why };
    let transaction = db.begin_write().map_err(|e| damaged(e.to_string()))?;
    let found = {
        let mut meta = transaction
            .open_table(META)
            .map_err(|e| damaged(e.to_string()))?;
        let known = meta.get("genesis")?.map(|value| value.value().to_vec());
        match known {
            None => {
                meta.insert("genesis", genesis.as_slice())?;
                meta.insert("version", VERSION.to_be_bytes().as_slice())?;
                meta.insert("height", 0u64.to_be_bytes().as_slice())?;
                meta.insert("floor", 0u64.to_be_bytes().as_slice())?;
            }
            Some(hash) if hash != genesis.as_slice() => {
                return Err(IndexError::Foreign { path: path() });
            }
            Some(_) => {}
        }
        let number = |name: &str| -> Result<u64, IndexError> {
            let value = meta
                .get(name)?
                .ok_or_else(|| damaged(format!("no {name}")))?;
            let bytes = value
                .value()
                .try_into()
                .map_err(|_| damaged(format!("bad {name}")))?;
            Ok(u64::from_be_bytes(bytes))
        };
        if number("version")? != VERSION {
            return Err(damaged("another version wrote it".into()));
        }
        (number("height")?, number("floor")?)
    };
    let open = |e: redb::TableError| damaged(e.to_string());
    transaction.open_table(BLOCKS).map_err(open)?;
    transaction.open_table(HASHES).map_err(open)?;
    transaction.open_table(POSITIONS).map_err(open)?;
    transaction.open_table(SENT).map_err(open)?;
    transaction.open_table(TOUCHED).map_err(open)?;
    transaction.open_table(LOGS).map_err(open)?;
    transaction.open_table(WITNESSES).map_err(open)?;
    transaction.commit()?;
    let mut bytes = 0u64;
    for row in db.begin_read()?.open_table(WITNESSES)?.iter()? {
        bytes = bytes.saturating_add(row?.1.value().len() as u64);
    }
    Ok((found.0, found.1, bytes))
}
