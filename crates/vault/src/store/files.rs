//! Files and directories that nobody else may read.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use crate::error::VaultError;

/// Creates `path` with mode 0700 or, where it exists, refuses one that is open to others.
pub(super) fn private_dir(path: &Path) -> Result<(), VaultError> {
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(e.into()),
    }
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_dir() {
        return Err(VaultError::Io(io::Error::new(
            io::ErrorKind::NotADirectory,
            format!("{} is not a directory", path.display()),
        )));
    }
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(VaultError::Mode {
            path: path.to_path_buf(),
            mode,
        });
    }
    Ok(())
}

/// Opens a regular file; a link in its place is not followed.
pub(super) fn open(path: &Path) -> Result<(File, u64), VaultError> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(absent)?;
    let meta = file.metadata()?;
    if meta.is_file() {
        Ok((file, meta.len()))
    } else {
        Err(VaultError::NotFound)
    }
}

/// Flushes the directory of `path`, so that a rename in it survives a crash.
pub(super) fn sync_parent(path: &Path) -> Result<(), VaultError> {
    match path.parent() {
        Some(parent) => Ok(File::open(parent)?.sync_all()?),
        None => Ok(()),
    }
}

/// Moves a finished temporary file to its place.
pub(super) fn settle(file: tempfile::NamedTempFile, path: &Path) -> Result<(), VaultError> {
    file.as_file().sync_all()?;
    if let Some(parent) = path.parent() {
        private_dir(parent)?;
    }
    file.persist(path).map_err(|e| e.error)?;
    // New directories on the way are entries of those above them.
    for directory in path.ancestors().skip(1).take(3) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Moves a file that is written and flushed to its place.
pub(super) fn move_in(from: &Path, path: &Path) -> Result<(), VaultError> {
    if let Some(parent) = path.parent() {
        private_dir(parent)?;
    }
    fs::rename(from, path)?;
    for directory in path.ancestors().skip(1).take(3) {
        File::open(directory)?.sync_all()?;
    }
    sync_parent(from)
}

/// Removes a file, for good; tells whether there was one.
pub(super) fn remove(path: &Path) -> Result<bool, VaultError> {
    match fs::remove_file(path) {
        Ok(()) => sync_parent(path).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Removes a directory and all that is in it, for good; tells whether there was one.
pub(super) fn remove_all(path: &Path) -> Result<bool, VaultError> {
    match fs::remove_dir_all(path) {
        Ok(()) => sync_parent(path).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// An error about a file that may not be there.
pub(super) fn absent(e: io::Error) -> VaultError {
    if e.kind() == io::ErrorKind::NotFound {
        VaultError::NotFound
    } else {
        e.into()
    }
}
