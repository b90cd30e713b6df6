//! Cells of registers.

use alloy_primitives::{Address, B256};
use commonhold_session::moments;

use crate::{
    ledger::text,
    sheet::Cell,
    table::{hundredths, thousandths},
};

pub(super) fn head(names: &[&str]) -> Vec<Vec<Cell>> {
    let cells = names.iter().map(|name| words(*name));
    vec![cells.collect()]
}

pub(super) fn words(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

pub(super) fn word(word: &B256) -> Cell {
    words(text(word))
}

pub(super) fn count(number: impl Into<u64>) -> Cell {
    Cell::Number(number.into().to_string())
}

pub(super) fn money(minor: i64) -> Cell {
    Cell::Number(hundredths(minor))
}

pub(super) fn sum(minor: u64) -> Cell {
    money(i64::try_from(minor).unwrap_or(i64::MAX))
}

pub(super) fn quantity(number: u64) -> Cell {
    Cell::Number(thousandths(i64::try_from(number).unwrap_or(i64::MAX)))
}

/// A time; nothing where it has not come.
pub(super) fn time(seconds: u64) -> Cell {
    words(if seconds == 0 {
        String::new()
    } else {
        moments::show(seconds)
    })
}

pub(super) fn somebody(who: &Address) -> Cell {
    words(if who.is_zero() {
        String::new()
    } else {
        who.to_string()
    })
}

pub(super) fn hash(hash: &B256) -> Cell {
    words(if hash.is_zero() {
        String::new()
    } else {
        hash.to_string()
    })
}

pub(super) const fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}
