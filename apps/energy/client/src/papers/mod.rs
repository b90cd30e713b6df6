//! What people, grid operators, registries and banks are handed: pure functions of a month's evidence.

pub mod balance;
pub mod bank;
pub mod bill;
pub mod energytag;

use commonhold_energy_contract::settlement::CENT_NANO;

/// An amount of cents as people write it: `-12.05`.
pub(crate) fn cents(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let all = cents.unsigned_abs();
    let (whole, part) = (all / 100, all % 100);
    format!("{sign}{whole}.{part:02}")
}

/// An amount of nano-currency with all its places: `-12.051000000`.
pub(crate) fn nano(nano: i128) -> String {
    let one = CENT_NANO.unsigned_abs().saturating_mul(100);
    let sign = if nano < 0 { "-" } else { "" };
    let all = nano.unsigned_abs();
    let whole = all.checked_div(one).unwrap_or_default();
    let part = all.checked_rem(one).unwrap_or_default();
    format!("{sign}{whole}.{part:09}")
}

/// Energy as people write it: `12.345` kWh.
pub(crate) fn kwh(wh: u64) -> String {
    format!("{}.{:03}", wh / 1_000, wh % 1_000)
}

#[cfg(test)]
mod tests;
