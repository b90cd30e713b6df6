//! Named limits of state cells and proofs.

/// Bytes of one cell: a length byte and 63 bytes of data.
pub const CELL_BYTES: usize = 64;
/// Data bytes of one cell.
pub const CELL_DATA_BYTES: usize = CELL_BYTES - 1;
/// Code cells of one contract (24,576 bytes of code and its length).
pub const CODE_CELLS_MAX: usize = 391;
/// Digests in the proof of one cell.
pub const PROOF_DIGESTS_MAX: usize = 256;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("CELL_BYTES", CELL_BYTES as u64),
    ("CELL_DATA_BYTES", CELL_DATA_BYTES as u64),
    ("CODE_CELLS_MAX", CODE_CELLS_MAX as u64),
    ("PROOF_DIGESTS_MAX", PROOF_DIGESTS_MAX as u64),
];
