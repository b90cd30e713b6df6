//! Files, read whole and bounded.

use std::{fs::File, io::Read as _, path::Path};

use crate::{
    limits::FILE_BYTES_MAX,
    refusal::{Reason, Refusal},
};

/// The text of a file, without a byte order mark.
///
/// # Errors
/// [`Refusal`]: it cannot be read, has more than `FILE_BYTES_MAX` bytes, or is not in UTF-8.
pub(crate) fn text(path: &Path) -> Result<String, Refusal> {
    let unreadable =
        |error: std::io::Error| Refusal::file(Reason::Unreadable(error.kind().to_string()));
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Refusal::file(Reason::TooMuch {
            what: "bytes",
            limit: "FILE_BYTES_MAX",
            max: FILE_BYTES_MAX,
        }));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Refusal::file(Reason::Unknown("is not in UTF-8; write it so")))?;
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

/// Whether a text is JSON rather than a table, by how it begins.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
