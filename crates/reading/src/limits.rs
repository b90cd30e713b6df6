//! Named limits of readings. `commonhold limits` prints them.

/// Bytes of one signed reading.
pub const ENVELOPE_BYTES_MAX: usize = 8 * 1024;
/// Records in one reading.
pub const PACK_RECORDS_MAX: usize = 64;
/// Bytes of a record's name.
pub const RECORD_NAME_BYTES_MAX: usize = 64;
/// Bytes of a record's unit.
pub const UNIT_BYTES_MAX: usize = 16;
/// Bytes of a record's text or data.
pub const VALUE_BYTES_MAX: usize = 4 * 1024;
/// The largest power of ten that a number has, up or down.
pub const EXPONENT_MAX: i8 = 18;
/// Bytes of a nonce, at least.
pub const NONCE_BYTES_MIN: usize = 8;
/// Bytes of a nonce, at most.
pub const NONCE_BYTES_MAX: usize = 64;
/// Bytes of the name of an adapter.
pub const ADAPTER_BYTES_MAX: usize = 32;
/// Bytes of the name of a source that cannot sign.
pub const SOURCE_NAME_BYTES_MAX: usize = 64;
/// The last millisecond of the year 9999. No reading has a later time.
pub const TIME_MS_MAX: u64 = 253_402_300_799_999;
/// Readings in one batch.
pub const BATCH_READINGS_MAX: usize = 8192;
/// Bytes of one batch, before it is encrypted.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("ENVELOPE_BYTES_MAX", ENVELOPE_BYTES_MAX as u64),
    ("PACK_RECORDS_MAX", PACK_RECORDS_MAX as u64),
    ("RECORD_NAME_BYTES_MAX", RECORD_NAME_BYTES_MAX as u64),
    ("UNIT_BYTES_MAX", UNIT_BYTES_MAX as u64),
    ("VALUE_BYTES_MAX", VALUE_BYTES_MAX as u64),
    ("EXPONENT_MAX", EXPONENT_MAX as u64),
    ("NONCE_BYTES_MIN", NONCE_BYTES_MIN as u64),
    ("NONCE_BYTES_MAX", NONCE_BYTES_MAX as u64),
    ("ADAPTER_BYTES_MAX", ADAPTER_BYTES_MAX as u64),
    ("SOURCE_NAME_BYTES_MAX", SOURCE_NAME_BYTES_MAX as u64),
    ("TIME_MS_MAX", TIME_MS_MAX),
    ("BATCH_READINGS_MAX", BATCH_READINGS_MAX as u64),
    ("BATCH_BYTES_MAX", BATCH_BYTES_MAX as u64),
];
