//! Named limits of sealing. `commonhold limits` prints them.

/// Bytes of a namespace.
pub const NAMESPACE_BYTES_MAX: usize = 64;
/// Partials that one combination looks at: one of every member, and as many false ones.
pub const PARTIALS_MAX: usize = 200;
/// The cost of a new lock by passphrase, as a power of two: 128 MiB and some tenths of a second.
pub const SCRYPT_LOG_N: u8 = 17;
/// The highest cost that a locked file may ask of its reader.
pub const SCRYPT_LOG_N_MAX: u8 = 20;
/// Bytes of a share file.
pub const SHARE_FILE_BYTES_MAX: usize = 1024;
/// Bytes of one message of a key ceremony.
pub const CEREMONY_MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a member's memory of a key ceremony.
pub const CEREMONY_STATE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("NAMESPACE_BYTES_MAX", NAMESPACE_BYTES_MAX as u64),
    ("PARTIALS_MAX", PARTIALS_MAX as u64),
    ("SCRYPT_LOG_N", SCRYPT_LOG_N as u64),
    ("SCRYPT_LOG_N_MAX", SCRYPT_LOG_N_MAX as u64),
    ("SHARE_FILE_BYTES_MAX", SHARE_FILE_BYTES_MAX as u64),
    (
        "CEREMONY_MESSAGE_BYTES_MAX",
        CEREMONY_MESSAGE_BYTES_MAX as u64,
    ),
    ("CEREMONY_STATE_BYTES_MAX", CEREMONY_STATE_BYTES_MAX as u64),
];
