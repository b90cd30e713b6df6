//! What this crate takes at most. Every limit is named in what refuses by it.

/// Bytes of a file that is read whole.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Books of one file.
pub const BOOKS_MAX: usize = 100_000;
/// Orders of one file.
pub const FILE_ORDERS_MAX: usize = 4_000_000;
/// Bytes of the name of a book, an order or a home.
pub const NAME_BYTES_MAX: usize = 128;
/// Homes of one community.
pub const HOMES_MAX: usize = 1_000;
/// Slots of one community: three years of quarters of an hour.
pub const SLOTS_MAX: u64 = 3 * 366 * 96;
/// Intervals of one load profile.
pub const INTERVALS_MAX: usize = 1_000_000;
/// Elements within elements in XML.
pub const XML_DEPTH_MAX: usize = 64;
/// Entries and reading types of one Green Button feed.
pub const ENTRIES_MAX: usize = 100_000;
/// The highest and lowest power of ten of a unit.
pub const POWER_MAX: i32 = 9;
/// Slots whose events are asked for at once.
pub const SLOTS_PER_QUESTION_MAX: usize = 500;
/// Slots that one bill, paper or audit takes in: a month of quarters of an hour and a day.
pub const MONTH_SLOTS_MAX: u64 = 32 * 96;
/// Readings that one call of a replay brings.
pub const READINGS_AT_ONCE_MAX: usize = 64;
/// Meters that one call of a replay settles.
pub const SETTLED_AT_ONCE: u32 = 64;
/// Slots of a replay that are on their way at a time: hours for fewer than the days that missing readings are
/// waited for at most.
pub const SLOTS_AT_ONCE_MAX: usize = 160;
/// Steps in which one slot of a replay is settled.
pub const SLOT_STEPS_MAX: u32 = 1_000;
/// Bytes of a file of evidence.
pub const EVIDENCE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Lines of a file of mandates.
pub const MANDATES_MAX: usize = 10_000;

/// Every limit, for `commonhold limits`.
pub const ALL: &[(&str, u64)] = &[
    ("FILE_BYTES_MAX", FILE_BYTES_MAX),
    ("BOOKS_MAX", BOOKS_MAX as u64),
    ("FILE_ORDERS_MAX", FILE_ORDERS_MAX as u64),
    ("NAME_BYTES_MAX", NAME_BYTES_MAX as u64),
    ("HOMES_MAX", HOMES_MAX as u64),
    ("SLOTS_MAX", SLOTS_MAX),
    ("INTERVALS_MAX", INTERVALS_MAX as u64),
    ("XML_DEPTH_MAX", XML_DEPTH_MAX as u64),
    ("ENTRIES_MAX", ENTRIES_MAX as u64),
    ("POWER_MAX", POWER_MAX as u64),
    ("SLOTS_PER_QUESTION_MAX", SLOTS_PER_QUESTION_MAX as u64),
    ("MONTH_SLOTS_MAX", MONTH_SLOTS_MAX),
    ("READINGS_AT_ONCE_MAX", READINGS_AT_ONCE_MAX as u64),
    ("SETTLED_AT_ONCE", SETTLED_AT_ONCE as u64),
    ("SLOTS_AT_ONCE_MAX", SLOTS_AT_ONCE_MAX as u64),
    ("SLOT_STEPS_MAX", SLOT_STEPS_MAX as u64),
    ("EVIDENCE_BYTES_MAX", EVIDENCE_BYTES_MAX),
    ("MANDATES_MAX", MANDATES_MAX as u64),
];
