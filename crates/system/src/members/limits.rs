//! Limits of `members`.

use commonhold_primitives::limits::TRANSACTION_GAS_MAX;

/// Bytes of a member's name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of a member's endpoint, `host:port`: a DNS name has 253 at most.
pub const ENDPOINT_BYTES_MAX: usize = 260;
/// Bytes of the reason that a proposal or a vote gives.
pub const REASON_BYTES_MAX: usize = 256;
/// Seconds after its proposal within which members vote, where they decided nothing else: seven days.
pub const VOTE_SECONDS_DEFAULT: u64 = 604_800;
/// The fewest seconds that members can give themselves to vote: a day. With fewer they might never again
/// come together to decide for more.
pub const VOTE_SECONDS_MIN: u64 = 86_400;
/// The most: a year.
pub const VOTE_SECONDS_MAX: u64 = 31_536_000;
/// The least gas of a block that members can decide for: every transaction fits.
pub const BLOCK_GAS_MIN: u64 = TRANSACTION_GAS_MAX;
/// The most.
pub const BLOCK_GAS_MAX: u64 = 3_000_000_000;
/// Committees before those of an epoch and the next ones in which its peers are looked for: ceremonies that
/// fail one after the other carry an old committee on.
pub const PEERS_COMMITTEES_MAX: u64 = 16;
/// Gas of checking a node key's signature.
pub const PROOF_GAS: u64 = crate::devices::limits::VERIFY_GAS;
