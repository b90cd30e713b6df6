//! Limits of `members`.

/// Bytes of a member's name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of a member's endpoint, `host:port`: a DNS name has 253 at most.
pub const ENDPOINT_BYTES_MAX: usize = 260;
