//! Named limits of `works`. `commonhold limits` prints them.

/// Bytes of one `.sor` file. Real ones have up to 242 KB.
pub const SOR_BYTES_MAX: usize = 1024 * 1024;
/// Blocks of one `.sor` file.
pub const SOR_BLOCKS_MAX: usize = 64;
/// Bytes of the name of a block.
pub const SOR_NAME_BYTES_MAX: usize = 64;
/// Events of one `.sor` file: as many records as a list of ARL-1 has.
pub const SOR_EVENTS_MAX: usize = 512;
/// Pulse widths, and so traces, of one `.sor` file.
pub const SOR_TRACES_MAX: usize = 16;
/// Lines of one bill of quantities.
pub const BILL_LINES_MAX: usize = 4096;
/// Valuations of one contract.
pub const VALUATIONS_MAX: usize = 512;
/// Variations of one contract.
pub const VARIATIONS_MAX: usize = 1024;
/// Events of one party that a score is computed of.
pub const CREDIT_EVENTS_MAX: usize = 100_000;
/// Events that an explanation of a score names.
pub const CREDIT_EXPLAINED_MAX: usize = 12;
/// Points of one sweep.
pub const SWEEP_POINTS_MAX: usize = 100_000;
/// Files that are held against one work order at a time.
pub const EVIDENCE_FILES_MAX: usize = 4096;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("SOR_BYTES_MAX", SOR_BYTES_MAX as u64),
    ("SOR_BLOCKS_MAX", SOR_BLOCKS_MAX as u64),
    ("SOR_NAME_BYTES_MAX", SOR_NAME_BYTES_MAX as u64),
    ("SOR_EVENTS_MAX", SOR_EVENTS_MAX as u64),
    ("SOR_TRACES_MAX", SOR_TRACES_MAX as u64),
    ("BILL_LINES_MAX", BILL_LINES_MAX as u64),
    ("VALUATIONS_MAX", VALUATIONS_MAX as u64),
    ("VARIATIONS_MAX", VARIATIONS_MAX as u64),
    ("CREDIT_EVENTS_MAX", CREDIT_EVENTS_MAX as u64),
    ("CREDIT_EXPLAINED_MAX", CREDIT_EXPLAINED_MAX as u64),
    ("SWEEP_POINTS_MAX", SWEEP_POINTS_MAX as u64),
    ("EVIDENCE_FILES_MAX", EVIDENCE_FILES_MAX as u64),
];
