//! `commonhold works check`: what traces say, and what follows for a work order, without a chain.

pub(crate) mod forms;
pub mod parse;
pub(crate) mod shown;
pub mod verdicts;
mod words;

/// A text of a `.sor` file, which knows no encoding: what is not UTF-8 is read byte by byte.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
