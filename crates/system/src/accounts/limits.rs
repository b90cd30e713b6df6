//! Limits of `accounts`.

/// Bytes of a display name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes that a handle has at least.
pub const HANDLE_BYTES_MIN: usize = 3;
/// Bytes of a handle.
pub const HANDLE_BYTES_MAX: usize = 32;
/// Bytes of a role's name.
pub const ROLE_BYTES_MAX: usize = 32;
/// Members whose attestations of one matter are kept: as many as there can be members. Where they are
/// that many, the next takes the place of one that is no member any more.
pub const ATTESTERS_MAX: u64 = commonhold_primitives::limits::MEMBERS_MAX as u64;
/// Entries of a page for each of which it must be found out how it stands.
pub const STANDINGS_PAGE_MAX: u64 = 20;
/// Members that must attest a guardian before it may act.
pub const GUARDIAN_MEMBERS_MIN: u64 = 2;
/// Guardians of one ward that members attest at the same time.
pub const GUARDIANS_MAX: u64 = 8;
/// Seconds from now that a guardianship that members attest may last: somewhat more than 18 years.
pub const GUARDIANSHIP_SECONDS_MAX: u64 = 19 * 366 * 86_400;
