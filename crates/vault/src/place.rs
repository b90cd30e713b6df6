//! Files that appear complete or not at all.
//!
//! While it is written a file has no name: whatever ends the program leaves nothing behind, and nobody
//! finds half of it. Then it gets its name at once, in place of what had it.

use std::{
    fs::{File, Permissions},
    io::{self, Seek as _, SeekFrom},
    os::{fd::AsRawFd as _, unix::fs::PermissionsExt as _},
    path::Path,
};

use rustix::fs::{AtFlags, CWD, linkat};

use crate::error::VaultError;

/// A nameless file in `directory`, for [`place`]. Readable by its owner alone.
///
/// # Errors
/// Where the directory takes no file.
pub fn nameless(directory: &Path) -> Result<File, VaultError> {
    let file = tempfile::tempfile_in(directory)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// The directory of a file.
pub fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Gives a file made by [`nameless`] its name, and sees to it that both survive a crash.
///
/// # Errors
/// Where the file system refuses.
pub fn place(mut file: File, destination: &Path) -> Result<(), VaultError> {
    file.sync_all()?;
    let directory = directory(destination);
    // A link does not replace; a rename does.
    let named = tempfile::Builder::new().make_in(directory, |path| link(&file, path));
    let named = match named {
        Ok(named) => named,
        // A file system without nameless files: what is to be there is copied.
        Err(_) => {
            let mut named = tempfile::NamedTempFile::new_in(directory)?;
            file.seek(SeekFrom::Start(0))?;
            io::copy(&mut file, named.as_file_mut())?;
            named.as_file().sync_all()?;
            return settle(named.into_temp_path(), destination);
        }
    };
    settle(named.into_temp_path(), destination)
}

fn link(file: &File, path: &Path) -> io::Result<()> {
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

fn settle(named: tempfile::TempPath, destination: &Path) -> Result<(), VaultError> {
    named.persist(destination).map_err(|e| e.error)?;
    Ok(File::open(directory(destination))?.sync_all()?)
}
