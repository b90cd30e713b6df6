//! What a paper takes at most.

/// Pages of one paper.
pub const PAGES_MAX: usize = 1_000;
/// Columns of one table.
pub const COLUMNS_MAX: usize = 16;
/// Bytes of what a code of squares says: what one of medium correction holds.
pub const CODE_BYTES_MAX: usize = 2_331;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("PAGES_MAX", PAGES_MAX as u64),
    ("COLUMNS_MAX", COLUMNS_MAX as u64),
    ("CODE_BYTES_MAX", CODE_BYTES_MAX as u64),
];
