//! What this crate takes at most. Every limit is named in what refuses by it.

/// Bytes of a document that is read whole.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Elements of one XML document.
pub const XML_ELEMENTS_MAX: usize = 2_000_000;
/// Elements within elements in XML.
pub const XML_DEPTH_MAX: usize = 64;
/// Entries of one archive.
pub const ARCHIVE_ENTRIES_MAX: usize = 20_000;
/// Bytes of one entry of an archive, unpacked.
pub const ARCHIVE_ENTRY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Rows of one table: a bill, a register, a table of a schedule.
pub const ROWS_MAX: usize = 500_000;
/// Columns of one table.
pub const COLUMNS_MAX: usize = 1_000;
/// Files of one call.
pub const FILES_MAX: usize = 4096;
/// Files of one audit bundle.
pub const AUDIT_FILES_MAX: usize = 100_000;
/// Bytes of one file of an audit bundle: of the longest stamp.
pub const AUDIT_FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How often a project is read for an audit, where somebody works on it meanwhile.
pub const AUDIT_ROUNDS_MAX: u32 = 4;
/// Codes of squares that a stamp is printed in.
pub const STAMP_CODES_MAX: usize = 32;

/// Every limit, for `commonhold limits`.
pub const ALL: &[(&str, u64)] = &[
    ("DOCUMENT_BYTES_MAX", DOCUMENT_BYTES_MAX as u64),
    ("XML_ELEMENTS_MAX", XML_ELEMENTS_MAX as u64),
    ("XML_DEPTH_MAX", XML_DEPTH_MAX as u64),
    ("ARCHIVE_ENTRIES_MAX", ARCHIVE_ENTRIES_MAX as u64),
    ("ARCHIVE_ENTRY_BYTES_MAX", ARCHIVE_ENTRY_BYTES_MAX as u64),
    ("ROWS_MAX", ROWS_MAX as u64),
    ("COLUMNS_MAX", COLUMNS_MAX as u64),
    ("FILES_MAX", FILES_MAX as u64),
    ("AUDIT_FILES_MAX", AUDIT_FILES_MAX as u64),
    ("AUDIT_FILE_BYTES_MAX", AUDIT_FILE_BYTES_MAX),
    ("AUDIT_ROUNDS_MAX", AUDIT_ROUNDS_MAX as u64),
    ("STAMP_CODES_MAX", STAMP_CODES_MAX as u64),
];
