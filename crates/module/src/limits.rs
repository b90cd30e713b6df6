//! Named limits of what a call into a module may carry. `commonhold limits` prints them.

/// Bytes of one call's input. As much as the largest transaction carries.
pub const INPUT_BYTES_MAX: usize = 256 * 1024;
/// Bytes that decoding one call's input may allocate. Offsets of the ABI may point many times at the
/// same bytes; this bounds what such an input can blow up to.
pub const DECODED_BYTES_MAX: usize = 1024 * 1024;
/// Depth of nesting that decoding follows.
pub const DECODE_DEPTH_MAX: usize = 8;
/// Entries that one page of a list holds at most, whatever is asked for.
pub const PAGE_ENTRIES_MAX: u64 = 100;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("INPUT_BYTES_MAX", INPUT_BYTES_MAX as u64),
    ("DECODED_BYTES_MAX", DECODED_BYTES_MAX as u64),
    ("DECODE_DEPTH_MAX", DECODE_DEPTH_MAX as u64),
    ("PAGE_ENTRIES_MAX", PAGE_ENTRIES_MAX),
];
