//! Limits of `devices`.

/// Bytes of a device's model.
pub const MODEL_BYTES_MAX: usize = 64;
/// Bytes of the name of a stream, and of a source that cannot sign.
pub const NAME_BYTES_MAX: usize = 64;
/// Batches that one call anchors: half a million gas each, where all are the first of their streams.
pub const BATCHES_PER_CALL_MAX: usize = 24;
/// Readings of one batch: as many as a batch may hold.
pub const BATCH_READINGS_MAX: u32 = 8_192;
/// Seconds that a reading's time may be ahead of the block's.
pub const FUTURE_SECONDS_MAX: u64 = 3_600;
/// Gas of checking a device's signature. EIP-7951 asks for a fifth of it, of faster code.
pub const VERIFY_GAS: u64 = 35_000;
