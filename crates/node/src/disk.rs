//! Room on the disk.

use std::{
    io::{self, Write as _},
    path::Path,
};

use crate::{error::NodeError, limits::DISK_PROBE_BYTES};

/// Writes a file without a name below `dir` and lets it go: the one question that every quota, mode
/// and mount option answers.
///
/// # Errors
/// [`NodeError::DiskFull`] or [`NodeError::Unwritable`].
pub(crate) fn check(dir: &Path) -> Result<(), NodeError> {
    let write = || -> io::Result<()> {
        let mut file = tempfile::tempfile_in(dir)?;
        file.write_all(&vec![0; DISK_PROBE_BYTES])
    };
    write().map_err(|source| {
        let dir = dir.into();
        if is_full(&source) {
            NodeError::DiskFull { dir }
        } else {
            NodeError::Unwritable { dir, source }
        }
    })
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Bytes that may still be written below `dir`; `None` where the system does not say.
pub(crate) fn free_bytes(dir: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(dir).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_room_passes_and_one_that_is_none_is_named() {
        let dir = tempfile::tempdir().unwrap();
        check(dir.path()).unwrap();
        assert!(free_bytes(dir.path()).unwrap() > 0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let refused = check(&file).unwrap_err();
        assert!(matches!(refused, NodeError::Unwritable { .. }), "{refused}");
        assert!(refused.to_string().contains("file"));
    }

    #[test]
    fn what_a_full_disk_answers_is_known() {
        for code in [28, 122, 27] {
            assert!(is_full(&io::Error::from_raw_os_error(code)), "{code}");
        }
        assert!(!is_full(&io::Error::from_raw_os_error(13)));
    }
}
