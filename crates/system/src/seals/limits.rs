//! Limits of `seals`.

/// Gas of checking an opening key: a hash to the curve, two decodings and a pairing of two, about a
/// millisecond. EIP-2537 asks for as much.
pub const CHECK_GAS: u64 = 150_000;
