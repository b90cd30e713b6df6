//! Meters' key files.

use std::{fs::File, io::Read as _, path::Path};

use commonhold_sdk::{limits::DEVICE_KEY_BYTES_MAX, reading::DeviceSecret, readings::read_key};
use commonhold_session::Refused;
use zeroize::Zeroizing;

/// Reads a meter's key file, which nobody but its owner may read.
pub(crate) fn read(path: &Path) -> eyre::Result<DeviceSecret> {
    let named = |what: String| Refused(format!("{}: {what}", path.display()));
    let file = File::open(path).map_err(|e| named(e.kind().to_string()))?;
    private(&file).map_err(|what| named(what.to_owned()))?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(DEVICE_KEY_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)?;
    read_key(&bytes).map_err(|e| named(e.to_string()).into())
}

#[cfg(unix)]
fn private(file: &File) -> Result<(), &'static str> {
    use std::os::unix::fs::PermissionsExt as _;
    let open = "is open to others: `chmod 600` closes it";
    let mode = file.metadata().map_err(|_| open)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(open) }
}

#[cfg(not(unix))]
fn private(_: &File) -> Result<(), &'static str> {
    Ok(())
}
