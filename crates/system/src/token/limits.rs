//! Limits of `token`.

/// Bytes of the reason that a proposal to issue gives.
pub const REASON_BYTES_MAX: usize = 128;
/// Seconds after its proposal within which members may vote to issue: seven days.
pub const ISSUE_SECONDS_MAX: u64 = 604_800;
/// Shares of one split.
pub const SHARES_MAX: usize = 64;
/// Gas of recovering who signed a permit, as Ethereum's precompile asks.
pub const PERMIT_GAS: u64 = 3_000;
