//! Limits of `records`.

/// Bytes of a record's kind.
pub const KIND_BYTES_MAX: usize = 64;
