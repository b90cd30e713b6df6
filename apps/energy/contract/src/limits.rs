//! What this crate takes at most. Every limit is named in what refuses by it.

/// Orders of one side of a book.
pub const ORDERS_MAX: usize = 4_000_000;
/// Watt-hours of one order: a terawatt-hour.
pub const ORDER_WH_MAX: u64 = 1_000_000_000_000;
/// The highest limit price, and the lowest below zero: ten units of currency for a kWh, in micro-currency.
pub const PRICE_MICRO_MAX: i64 = 10_000_000;
/// Parts that a sharing key divides a whole into.
pub const KEY_PARTS: u32 = 1_000_000;
/// The greatest weight of a place under a sharing key.
pub const WEIGHT_MAX: u16 = 8_191;
/// Places whose weights one proposal changes.
pub const WEIGHTS_PER_PROPOSAL_MAX: usize = 64;
/// Rounds of the hybrid sharing key.
pub const ROUNDS_MAX: u8 = 16;
/// Bytes of a community's name.
pub const NAME_BYTES_MAX: usize = 64;
/// Places of meters in one community, with those that were left.
pub const METERS_MAX: u32 = 10_000;
/// Readings of one call.
pub const READINGS_PER_CALL_MAX: usize = 200;
/// Meters that one call settles.
pub const SETTLED_PER_CALL_MAX: u32 = 256;
/// Meters that one page of a slot tells of.
pub const LINES_PER_PAGE_MAX: u32 = 400;
/// Certificates that one view tells of.
pub const CERTIFICATES_PER_CALL_MAX: usize = 100;
/// Slots without a reading that one call passes over.
pub const PASSED_PER_CALL_MAX: u64 = 96;
/// What members changed that one call takes in.
pub const CHANGES_PER_CALL_MAX: u64 = 64;
/// Seconds that a slot waits for readings, or for later versions of them: seven days.
pub const GRACE_SECONDS_MAX: u32 = 7 * 86_400;
/// Seconds within which a slot is corrected and disputed: thirty days from its end.
pub const CORRECTION_SECONDS: u64 = 30 * 86_400;
/// Seconds within which a dispute is decided: ninety days from its slot's end.
pub const DECISION_SECONDS: u64 = 90 * 86_400;
/// Seconds within which a certificate is used: a year from its slot's end.
pub const CERTIFICATE_SECONDS: u64 = 365 * 86_400;
/// Seconds that a proposal can be voted on: thirty days.
pub const PROPOSAL_SECONDS: u64 = 30 * 86_400;
/// Seconds that a supplier's prices stand at least: two days.
pub const TARIFF_SECONDS_MIN: u64 = 2 * 86_400;
/// Prices of one supplier that are looked back at.
pub const TARIFFS_BACK_MAX: u32 = 52;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("ORDERS_MAX", ORDERS_MAX as u64),
    ("ORDER_WH_MAX", ORDER_WH_MAX),
    ("PRICE_MICRO_MAX", PRICE_MICRO_MAX as u64),
    ("KEY_PARTS", KEY_PARTS as u64),
    ("WEIGHT_MAX", WEIGHT_MAX as u64),
    ("WEIGHTS_PER_PROPOSAL_MAX", WEIGHTS_PER_PROPOSAL_MAX as u64),
    ("ROUNDS_MAX", ROUNDS_MAX as u64),
    ("NAME_BYTES_MAX", NAME_BYTES_MAX as u64),
    ("METERS_MAX", METERS_MAX as u64),
    ("READINGS_PER_CALL_MAX", READINGS_PER_CALL_MAX as u64),
    ("SETTLED_PER_CALL_MAX", SETTLED_PER_CALL_MAX as u64),
    ("LINES_PER_PAGE_MAX", LINES_PER_PAGE_MAX as u64),
    (
        "CERTIFICATES_PER_CALL_MAX",
        CERTIFICATES_PER_CALL_MAX as u64,
    ),
    ("PASSED_PER_CALL_MAX", PASSED_PER_CALL_MAX),
    ("CHANGES_PER_CALL_MAX", CHANGES_PER_CALL_MAX),
    ("GRACE_SECONDS_MAX", GRACE_SECONDS_MAX as u64),
    ("CORRECTION_SECONDS", CORRECTION_SECONDS),
    ("DECISION_SECONDS", DECISION_SECONDS),
    ("CERTIFICATE_SECONDS", CERTIFICATE_SECONDS),
    ("PROPOSAL_SECONDS", PROPOSAL_SECONDS),
    ("TARIFF_SECONDS_MIN", TARIFF_SECONDS_MIN),
    ("TARIFFS_BACK_MAX", TARIFFS_BACK_MAX as u64),
];
