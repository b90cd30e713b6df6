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

/// Bytes of the title of a project or package.
pub const TITLE_BYTES_MAX: usize = 96;
/// Bytes of a sealed bid.
pub const BID_BYTES_MAX: usize = 8 * 1024;
/// Bids of one tender.
pub const BIDS_MAX: u64 = 256;
/// Lines of a bill of a contract on the ledger: as many as one certificate reads and writes.
pub const LINES_MAX: u64 = 512;
/// Lines that one call adds.
pub const LINES_PER_CALL_MAX: usize = 128;
/// Milestones of a contract.
pub const MILESTONES_MAX: u64 = 64;
/// Milestones that one call adds.
pub const MILESTONES_PER_CALL_MAX: usize = 32;
/// Subcontractors of a contract.
pub const SUBCONTRACTORS_MAX: u64 = 4;
/// Payment certificates of a contract.
pub const CERTIFICATES_MAX: u64 = 512;
/// Wavelengths of a ruleset or an order.
pub const WAVELENGTHS_MAX: usize = 4;
/// Fibres of one work order.
pub const ORDER_FIBRES_MAX: usize = 48;
/// Sectors of one work order.
pub const ORDER_SECTORS_MAX: usize = 24;
/// Seconds between a sweep and the fix of the place where it was made, at most.
pub const FIX_SECONDS_MAX: u64 = 600;
/// Instruments of one work order.
pub const INSTRUMENTS_MAX: usize = 8;
/// Bytes of a raw file in a transaction.
pub const EVIDENCE_BYTES_MAX: usize = 250 * 1024;
/// Events of a raw file on the ledger.
pub const EVIDENCE_EVENTS_MAX: usize = 128;
/// Seconds that the certifier has for a fibre that is to be reviewed.
pub const REVIEW_SECONDS: u64 = 5 * 86_400;
/// Seconds that an instrument's clock may be ahead of the ledger's.
pub const FUTURE_SECONDS_MAX: u64 = 600;
/// Seconds between what an instrument's file and its reading say of the time.
pub const READING_SECONDS_MAX: u64 = 7 * 86_400;
/// Days that any clock, extension or period may have.
pub const DAYS_MAX: u32 = 3_660;
/// Documents of one transmittal.
pub const SHEETS_MAX: usize = 32;
/// Recipients of one transmittal.
pub const RECIPIENTS_MAX: usize = 8;
/// Revisions of one document.
pub const REVISIONS_MAX: u64 = 512;
/// Seconds after which a fact counts, and until when it may be appealed against.
pub const CHALLENGE_SECONDS: u64 = 14 * 86_400;
/// Seconds after which an appeal that members did not decide is lost.
pub const APPEAL_SECONDS: u64 = 30 * 86_400;
/// Appeals of one party that may be open at a time.
pub const APPEALS_OPEN_MAX: u64 = 16;
/// Members' votes that decide an appeal, or state a forgery.
pub const APPEAL_VOTES: u64 = 2;
/// Facts that a new one puts into the sums, as far as they are final.
pub const FACTS_SUMMED_PER_CALL: u64 = 4;
/// Facts of one party that are not summed yet and that a score still looks at.
pub const FACTS_WAITING_MAX: u64 = 2_048;
/// Sums of one party that a score looks at.
pub const BUCKETS_MAX: u64 = 8_192;
/// Facts that one page explains.
pub const EXPLAINED_PER_CALL_MAX: u64 = 50;
/// Words of 32 bytes of a ruleset, terms, or the design of an order, as they are kept.
pub const WORDS_MAX: u64 = 256;
/// Bytes of a ruleset's text.
pub const ARL_TEXT_BYTES_MAX: usize = 8_000;
/// Bytes of a name or a text in a ruleset.
pub const ARL_NAME_BYTES_MAX: usize = 48;
/// Rules and names of one section of a ruleset.
pub const ARL_ITEMS_MAX: usize = 128;
/// Expressions within expressions of a ruleset.
pub const ARL_DEPTH_MAX: usize = 32;
/// Records of a list that a ruleset folds: events of both ends.
pub const ARL_RECORDS_MAX: usize = 1_024;
/// Steps that a ruleset may take at most.
pub const ARL_COST_MAX: u64 = 8_000_000;

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
    ("TITLE_BYTES_MAX", TITLE_BYTES_MAX as u64),
    ("BID_BYTES_MAX", BID_BYTES_MAX as u64),
    ("BIDS_MAX", BIDS_MAX),
    ("LINES_MAX", LINES_MAX),
    ("LINES_PER_CALL_MAX", LINES_PER_CALL_MAX as u64),
    ("MILESTONES_MAX", MILESTONES_MAX),
    ("MILESTONES_PER_CALL_MAX", MILESTONES_PER_CALL_MAX as u64),
    ("SUBCONTRACTORS_MAX", SUBCONTRACTORS_MAX),
    ("CERTIFICATES_MAX", CERTIFICATES_MAX),
    ("WAVELENGTHS_MAX", WAVELENGTHS_MAX as u64),
    ("ORDER_FIBRES_MAX", ORDER_FIBRES_MAX as u64),
    ("ORDER_SECTORS_MAX", ORDER_SECTORS_MAX as u64),
    ("FIX_SECONDS_MAX", FIX_SECONDS_MAX),
    ("INSTRUMENTS_MAX", INSTRUMENTS_MAX as u64),
    ("EVIDENCE_BYTES_MAX", EVIDENCE_BYTES_MAX as u64),
    ("EVIDENCE_EVENTS_MAX", EVIDENCE_EVENTS_MAX as u64),
    ("REVIEW_SECONDS", REVIEW_SECONDS),
    ("FUTURE_SECONDS_MAX", FUTURE_SECONDS_MAX),
    ("READING_SECONDS_MAX", READING_SECONDS_MAX),
    ("DAYS_MAX", DAYS_MAX as u64),
    ("SHEETS_MAX", SHEETS_MAX as u64),
    ("RECIPIENTS_MAX", RECIPIENTS_MAX as u64),
    ("REVISIONS_MAX", REVISIONS_MAX),
    ("CHALLENGE_SECONDS", CHALLENGE_SECONDS),
    ("APPEAL_SECONDS", APPEAL_SECONDS),
    ("APPEALS_OPEN_MAX", APPEALS_OPEN_MAX),
    ("APPEAL_VOTES", APPEAL_VOTES),
    ("FACTS_SUMMED_PER_CALL", FACTS_SUMMED_PER_CALL),
    ("FACTS_WAITING_MAX", FACTS_WAITING_MAX),
    ("BUCKETS_MAX", BUCKETS_MAX),
    ("EXPLAINED_PER_CALL_MAX", EXPLAINED_PER_CALL_MAX),
    ("WORDS_MAX", WORDS_MAX),
    ("ARL_TEXT_BYTES_MAX", ARL_TEXT_BYTES_MAX as u64),
    ("ARL_NAME_BYTES_MAX", ARL_NAME_BYTES_MAX as u64),
    ("ARL_ITEMS_MAX", ARL_ITEMS_MAX as u64),
    ("ARL_DEPTH_MAX", ARL_DEPTH_MAX as u64),
    ("ARL_RECORDS_MAX", ARL_RECORDS_MAX as u64),
    ("ARL_COST_MAX", ARL_COST_MAX),
];
