//! Files that this program gives out: each appears whole or not at all.

use std::{
    fs::{File, Permissions},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use commonhold_sdk::place::directory;

use crate::exit::Failure;

/// Mode of what its owner alone may read.
pub(crate) const PRIVATE: u32 = 0o600;
/// Mode of what everybody may read, as far as the owner's umask lets them.
pub(crate) const PUBLIC: u32 = 0o644;

/// Writes a file. One that exists is replaced only where `replace` says so.
pub(crate) fn write(path: &Path, content: &[u8], mode: u32, replace: bool) -> eyre::Result<()> {
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::AlreadyExists => Failure::Refused(exists(path)),
        _ => Failure::Refused(format!("{}: {e}", path.display())),
    };
    let directory = directory(path);
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(directory)
        .map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    let placed = if replace {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    placed.map_err(|e| failed(e.error))?;
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(synced.map_err(failed)?)
}

/// What is said of a file that is in the way.
pub(crate) fn exists(path: &Path) -> String {
    format!("{} exists already; --force replaces it", path.display())
}
