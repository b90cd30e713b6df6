//! Named limits of the index.

/// Blocks that one log query may span.
pub const LOG_RANGE_BLOCKS_MAX: u64 = 100_000;
/// Logs in one answer.
pub const LOGS_MAX: usize = 10_000;
/// Addresses, or topics at one place, in one log query.
pub const LOG_VALUES_MAX: usize = 1_000;
/// Index entries that one log query may walk.
pub const LOG_ENTRIES_MAX: usize = 1_000_000;
/// Bytes of blocks that one log query may unpack.
pub const LOG_SCAN_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Transactions in one page of an address's history.
pub const HISTORY_PAGE_MAX: usize = 100;
/// Newest blocks whose witness is kept, for executing them again.
pub const WITNESS_BLOCKS_KEPT: u64 = 16_384;
/// Bytes of witnesses written that are kept.
pub const WITNESS_BYTES_KEPT: u64 = 256 * 1024 * 1024;
/// Newest blocks kept in memory.
pub const RECENT_BLOCKS_MAX: usize = 256;
/// Bytes of newest blocks kept in memory once they are written.
pub const RECENT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of blocks not yet written at which the block being added waits for the file.
pub const UNWRITTEN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Blocks not yet written at which the writer starts at once.
pub const UNWRITTEN_BLOCKS_MAX: usize = 128;
/// Older blocks kept unpacked.
pub const UNPACKED_BLOCKS_MAX: usize = 8;
/// Bytes of the file kept in memory.
pub const CACHE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of one unpacked block: its body, receipts and senders.
pub const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Milliseconds after which blocks are written at the latest.
pub const WRITE_INTERVAL_MS: u64 = 1_000;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("LOG_RANGE_BLOCKS_MAX", LOG_RANGE_BLOCKS_MAX),
    ("LOGS_MAX", LOGS_MAX as u64),
    ("LOG_VALUES_MAX", LOG_VALUES_MAX as u64),
    ("LOG_ENTRIES_MAX", LOG_ENTRIES_MAX as u64),
    ("LOG_SCAN_BYTES_MAX", LOG_SCAN_BYTES_MAX as u64),
    ("HISTORY_PAGE_MAX", HISTORY_PAGE_MAX as u64),
    ("WITNESS_BLOCKS_KEPT", WITNESS_BLOCKS_KEPT),
    ("WITNESS_BYTES_KEPT", WITNESS_BYTES_KEPT),
    ("RECENT_BLOCKS_MAX", RECENT_BLOCKS_MAX as u64),
    ("RECENT_BYTES_MAX", RECENT_BYTES_MAX as u64),
    ("UNWRITTEN_BYTES_MAX", UNWRITTEN_BYTES_MAX as u64),
    ("UNWRITTEN_BLOCKS_MAX", UNWRITTEN_BLOCKS_MAX as u64),
    ("UNPACKED_BLOCKS_MAX", UNPACKED_BLOCKS_MAX as u64),
    ("CACHE_BYTES_MAX", CACHE_BYTES_MAX as u64),
    ("RECORD_BYTES_MAX", RECORD_BYTES_MAX as u64),
    ("WRITE_INTERVAL_MS", WRITE_INTERVAL_MS),
];
