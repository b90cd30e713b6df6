//! Why something is not taken.

use std::{fs, io::Read as _, path::Path};

use commonhold_session::Refused;
use serde::de::DeserializeOwned;

use crate::limits::DOCUMENT_BYTES_MAX;

/// Something that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something goes over a limit.
    #[error("more than {max} {what} ({limit})")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: usize,
    },
    /// It does not follow its format.
    #[error("{0}")]
    Malformed(String),
    /// It is of no kind that is taken.
    #[error("{0}")]
    Unknown(String),
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl Refusal {
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }

    /// With the file in front.
    pub(crate) fn of(self, path: &Path) -> Refused {
        Refused::file(path, &self)
    }
}

/// A file, whole.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::Unreadable(error.to_string());
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(unreadable)?
        .take(DOCUMENT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Refusal::TooMuch {
            what: "bytes",
            limit: "DOCUMENT_BYTES_MAX",
            max: DOCUMENT_BYTES_MAX,
        });
    }
    Ok(bytes)
}

/// A file of JSON.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Refused> {
    let bytes = bytes(path).map_err(|refusal| refusal.of(path))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| Refusal::malformed(error.to_string()).of(path))
}

/// The file's name without its folders.
pub(crate) fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
