//! Files of a bundle, within the limits of audits, and what does not hold of them.

use std::{io, path::Path};

use commonhold_sdk::{SdkError, bundle};

use crate::limits::{AUDIT_FILE_BYTES_MAX, AUDIT_FILES_MAX};

/// What does not hold.
pub(crate) fn broken(why: impl Into<String>) -> SdkError {
    SdkError::Integrity(why.into())
}

/// Reads a file of bounded length.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SdkError> {
    let failed = |e: io::Error| broken(format!("{}: {e}", path.display()));
    let content = bundle::read(path, AUDIT_FILE_BYTES_MAX).map_err(failed)?;
    let longer = || {
        let path = path.display();
        broken(format!("{path} is longer than AUDIT_FILE_BYTES_MAX"))
    };
    content.ok_or_else(longer)
}

/// Every file in a directory, by path, in their order, but the list.
pub(crate) fn files(root: &Path) -> io::Result<Vec<String>> {
    let found = bundle::files(root, AUDIT_FILES_MAX)?;
    found.ok_or_else(|| io::Error::other("more than AUDIT_FILES_MAX files"))
}
