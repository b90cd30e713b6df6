//! What this crate takes at most. Every limit is named in what refuses by it.

/// Orders of one side of a book.
pub const ORDERS_MAX: usize = 4_000_000;
/// Watt-hours of one order: a terawatt-hour.
pub const ORDER_WH_MAX: u64 = 1_000_000_000_000;
/// The highest limit price, and the lowest below zero: ten units of currency for a kWh, in micro-currency.
pub const PRICE_MICRO_MAX: i64 = 10_000_000;
/// Parts that a sharing key divides a whole into.
pub const KEY_PARTS: u32 = 1_000_000;
/// Rounds of the hybrid sharing key.
pub const ROUNDS_MAX: u8 = 16;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("ORDERS_MAX", ORDERS_MAX as u64),
    ("ORDER_WH_MAX", ORDER_WH_MAX),
    ("PRICE_MICRO_MAX", PRICE_MICRO_MAX as u64),
    ("KEY_PARTS", KEY_PARTS as u64),
    ("ROUNDS_MAX", ROUNDS_MAX as u64),
];
