//! Limits of `accounts`.

/// Bytes of a display name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes that a handle has at least.
pub const HANDLE_BYTES_MIN: usize = 3;
/// Bytes of a handle.
pub const HANDLE_BYTES_MAX: usize = 32;
