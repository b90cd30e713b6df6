//! A household's month: its slots, their sum, and the sum rounded once.
//!
//! Amounts are what the ledger posted; what of them is for energy, and what for fees, follows by the rules,
//! and where the rules say another amount nothing is billed.

use alloy_primitives::Address;
use commonhold_energy_contract::settlement::{
    Bill, CENT_NANO, Fees, Line, Tariff, line, money, round,
};

use crate::evidence::{Evidence, LineTold, RulesFrom, SlotTold};

/// One slot of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it begins, seconds since 1970.
    pub slot: u64,
    /// How long it is.
    pub seconds: u32,
    /// The slot's price; none where nothing was traded.
    pub price: Option<i64>,
    /// Energy and money.
    pub line: Line,
    /// What it would have come to with the grid alone.
    pub grid_only: i128,
}

/// A correction of a slot that was billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// The slot.
    pub slot: u64,
    /// What was measured before, and by now.
    pub nets: (i64, i64),
    /// What it comes to, nano-currency.
    pub amount: i128,
}

/// A household's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Whose.
    pub household: Address,
    /// Slot by slot.
    pub rows: Vec<Row>,
    /// Corrections.
    pub notes: Vec<Note>,
    /// All of it together.
    pub bill: Bill,
    /// What it would have come to with the grid alone.
    pub grid_only: i128,
}

/// Why there is no bill.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A slot cannot be settled by the rules that are told.
    #[error(
        "slot {0} cannot be settled by the rules that the ledger tells: run `commonhold energy audit`"
    )]
    Slot(u64),
    /// The ledger posted something else than the rules say.
    #[error("slot {0} was posted otherwise than the rules say: run `commonhold energy audit`")]
    Posted(u64),
}

impl Month {
    /// What is to be paid (below zero) or got, in cents, rounded once.
    pub fn cents(&self) -> i128 {
        self.bill.round().0
    }

    /// What that leaves for the account of roundings, nano-currency.
    pub fn rest(&self) -> i128 {
        self.bill.round().1
    }

    /// What is between the household and its supplier, in cents, rounded once: what was traded is paid
    /// already.
    pub fn due_cents(&self) -> i128 {
        round(self.bill.grid).0
    }

    /// What was saved against the grid alone, in cents, rounded down.
    pub fn saved_cents(&self) -> i128 {
        let saved = self.bill.total.saturating_sub(self.grid_only);
        saved.checked_div_euclid(CENT_NANO).unwrap_or_default()
    }

    /// The same in hundredths of a per cent of what the grid alone would have cost.
    pub fn saved_bp(&self) -> Option<i64> {
        let saved = self.bill.total.saturating_sub(self.grid_only);
        let bp = saved
            .saturating_mul(10_000)
            .checked_div_euclid(self.grid_only.saturating_neg())?;
        i64::try_from(bp).ok().filter(|_| self.grid_only < 0)
    }
}

/// A household's month.
///
/// # Errors
/// [`Unfit`].
pub fn month(evidence: &Evidence, household: Address) -> Result<Month, Unfit> {
    let mut month = Month {
        household,
        rows: Vec::new(),
        notes: Vec::new(),
        bill: Bill::default(),
        grid_only: 0,
    };
    for told in &evidence.slots {
        let of = |index: u32| {
            let seat = evidence.seat_at(index, told.slot);
            seat.is_some_and(|seat| seat.household == household)
        };
        let rules = evidence.rules_at(told.slot).ok_or(Unfit::Slot(told.slot))?;
        for one in told.lines.iter().filter(|line| of(line.index)) {
            let row = row(evidence, told, one, rules)?;
            month.bill = month.bill.with(&row.line).ok_or(Unfit::Slot(told.slot))?;
            month.grid_only = month.grid_only.saturating_add(row.grid_only);
            month.rows.push(row);
        }
        for note in told.notes.iter().filter(|note| of(note.index)) {
            let amount = i128::from(note.statement);
            month.bill.grid = month.bill.grid.saturating_add(amount);
            month.bill.total = month.bill.total.saturating_add(amount);
            let tariff = tariff(evidence, note.index, told.slot)?;
            let alone = beside(note.net, &tariff).saturating_sub(beside(note.before, &tariff));
            month.grid_only = month.grid_only.saturating_add(alone);
            month.notes.push(Note {
                slot: told.slot,
                nets: (note.before, note.net),
                amount,
            });
        }
    }
    Ok(month)
}

/// The prices of whoever supplies a place.
fn tariff(evidence: &Evidence, index: u32, slot: u64) -> Result<Tariff, Unfit> {
    let seat = evidence.seat_at(index, slot);
    let prices = seat.and_then(|seat| evidence.tariff_at(seat.supplier, slot));
    let prices = prices.ok_or(Unfit::Slot(slot))?;
    Ok(Tariff {
        retail: prices.retail,
        feed_in: prices.feed_in,
    })
}

/// What energy is worth with the grid alone, imports above zero: what is got above zero.
pub(crate) fn beside(net: i64, tariff: &Tariff) -> i128 {
    if net < 0 {
        money(net.unsigned_abs(), tariff.feed_in)
    } else {
        money(net.unsigned_abs(), tariff.retail).saturating_neg()
    }
}

fn row(
    evidence: &Evidence,
    told: &SlotTold,
    one: &LineTold,
    rules: &RulesFrom,
) -> Result<Row, Unfit> {
    let unfit = || Unfit::Slot(told.slot);
    let tariff = tariff(evidence, one.index, told.slot)?;
    let fees = Fees {
        network: rules.network_fee,
        community: rules.community_fee,
        levy: rules.levy,
    };
    let line = line(one.net, one.local, told.price, &fees, &tariff).map_err(|_| unfit())?;
    let posted = i128::from(one.prepaid).saturating_add(one.statement.into());
    if line.household != posted || line.grid != i128::from(one.statement) {
        return Err(Unfit::Posted(told.slot));
    }
    Ok(Row {
        slot: told.slot,
        seconds: rules.slot_seconds,
        price: told.traded.then_some(told.price),
        line,
        grid_only: line.grid_only(&tariff),
    })
}

#[cfg(test)]
mod tests;
