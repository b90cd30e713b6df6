//! Limits of `records`.

/// Bytes of a record's kind.
pub const KIND_BYTES_MAX: usize = 64;
/// Seconds after a request to open within which members answer it. Who comes later asks again.
pub const OPENING_SECONDS_MAX: u64 = 3_600;
/// Members that keep a record's content.
pub const REPLICAS_DEFAULT: usize = 3;
