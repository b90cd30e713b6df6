//! What a slot costs and earns: the community first, the grid for the rest.
//!
//! Of what a meter imported, what it was given by the community costs the local price and the fees, the
//! rest its supplier's retail price. Of what it exported, what the community took earns the local price,
//! the rest the supplier's feed-in price. Each [`Line`] is one meter's slot; its postings and its leg of
//! the market add up to zero, and the market's legs of a whole slot do, so that no unit is made or lost.
//!
//! A bill is the sum of its lines and is rounded once ([`Bill::round`]); what the rounding leaves goes to
//! an account of its own. Whoever buys at most at retail less fees and sells at least at feed-in is never
//! worse off than with the grid alone.
//!
//! What a slot traded before delivery would add (a firm part, a pool) are further parts of a line between
//! the community's and the grid's.

use crate::limits::{ORDER_WH_MAX, PRICE_MICRO_MAX};

/// Nano-currency of a hundredth of a unit of currency, which a bill is rounded to.
pub const CENT_NANO: i128 = 10_000_000;

/// What a supplier takes and gives, micro-currency per kWh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// For what is taken from the grid.
    pub retail: i64,
    /// For what is fed in to it.
    pub feed_in: i64,
}

/// What a buyer pays beside the local price, micro-currency per kWh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// To the network operator.
    pub network: i64,
    /// To the community.
    pub community: i64,
    /// Taxes and levies.
    pub levy: i64,
}

impl Fees {
    /// All of them; `None` beyond the bounds of a price.
    pub fn total(&self) -> Option<i64> {
        let sum = self.network.checked_add(self.community)?;
        sum.checked_add(self.levy)
            .filter(|sum| sum.unsigned_abs() <= PRICE_MICRO_MAX.unsigned_abs())
    }
}

/// Why a meter's slot is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The meter measured more than [`ORDER_WH_MAX`].
    Energy,
    /// The community gave it, or took from it, more than it measured.
    MoreThanMeasured,
    /// A price or fee is beyond its bounds.
    Price,
}

/// One meter's slot. Energy in Wh; money in nano-currency, what somebody gets above zero and what they pay
/// below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What was imported, and of it from the community.
    pub import: u64,
    /// From the community.
    pub import_local: u64,
    /// What was exported.
    pub export: u64,
    /// To the community.
    pub export_local: u64,
    /// The household, all in all.
    pub household: i128,
    /// Of that, for energy from or to the community, fees apart.
    pub local: i128,
    /// Of that, with its supplier.
    pub grid: i128,
    /// Fees to the network operator.
    pub network: i128,
    /// Fees to the community.
    pub community: i128,
    /// Levies.
    pub levy: i128,
    /// The supplier.
    pub supplier: i128,
    /// The market's leg: what it took from a buyer, or gave a seller. All legs of a slot make zero.
    pub market: i128,
}

impl Line {
    /// What was imported from the grid.
    pub const fn import_grid(&self) -> u64 {
        self.import.saturating_sub(self.import_local)
    }

    /// What was fed in to the grid.
    pub const fn export_grid(&self) -> u64 {
        self.export.saturating_sub(self.export_local)
    }

    /// What the household would have got with the grid alone.
    pub fn grid_only(&self, tariff: &Tariff) -> i128 {
        let paid = money(self.import, tariff.retail);
        money(self.export, tariff.feed_in).saturating_sub(paid)
    }
}

/// Wh times micro-currency per kWh: nano-currency. Both have 64 bits.
pub fn money(wh: u64, price: i64) -> i128 {
    i128::from(wh).saturating_mul(price.into())
}

/// Settles a meter's slot. `net` is what it measured, imports above zero, exports below; `local` what of
/// it went by the community; `price` the slot's price.
///
/// # Errors
/// [`Unfit`].
pub fn line(net: i64, local: u64, price: i64, fees: &Fees, tariff: &Tariff) -> Result<Line, Unfit> {
    let measured = net.unsigned_abs();
    if measured > ORDER_WH_MAX {
        return Err(Unfit::Energy);
    }
    let rest = measured.checked_sub(local).ok_or(Unfit::MoreThanMeasured)?;
    let bounded = |price: i64| price.unsigned_abs() <= PRICE_MICRO_MAX.unsigned_abs();
    let all = [
        price,
        fees.network,
        fees.community,
        fees.levy,
        tariff.retail,
        tariff.feed_in,
    ];
    if !all.into_iter().all(bounded) {
        return Err(Unfit::Price);
    }
    // Energy has forty bits and a price twenty-four: no product or sum here comes near 128.
    let market = money(local, price);
    if net < 0 {
        let grid = money(rest, tariff.feed_in);
        return Ok(Line {
            export: measured,
            export_local: local,
            household: market.saturating_add(grid),
            local: market,
            grid,
            supplier: grid.saturating_neg(),
            market: market.saturating_neg(),
            ..Line::default()
        });
    }
    let network = money(local, fees.network);
    let community = money(local, fees.community);
    let levy = money(local, fees.levy);
    let supplier = money(rest, tariff.retail);
    let paid = [market, network, community, levy, supplier];
    let paid = paid.into_iter().fold(0i128, i128::saturating_add);
    Ok(Line {
        import: measured,
        import_local: local,
        household: paid.saturating_neg(),
        local: market.saturating_neg(),
        grid: supplier.saturating_neg(),
        network,
        community,
        levy,
        supplier,
        market,
        ..Line::default()
    })
}

/// A household's slots together. Energy in Wh, money in nano-currency, both as in a [`Line`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Slots in it.
    pub slots: u64,
    /// What was imported from the community.
    pub import_local: u64,
    /// And from the grid.
    pub import_grid: u64,
    /// What was exported to the community.
    pub export_local: u64,
    /// And to the grid.
    pub export_grid: u64,
    /// For energy from or to the community.
    pub local: i128,
    /// With the supplier.
    pub grid: i128,
    /// Fees and levies.
    pub fees: i128,
    /// All of it.
    pub total: i128,
}

impl Bill {
    /// Adds a line; `None` where a sum leaves its type.
    #[must_use]
    pub fn with(&self, line: &Line) -> Option<Self> {
        let fees = line.network.checked_add(line.community)?;
        let fees = fees.checked_add(line.levy)?;
        Some(Self {
            slots: self.slots.checked_add(1)?,
            import_local: self.import_local.checked_add(line.import_local)?,
            import_grid: self.import_grid.checked_add(line.import_grid())?,
            export_local: self.export_local.checked_add(line.export_local)?,
            export_grid: self.export_grid.checked_add(line.export_grid())?,
            local: self.local.checked_add(line.local)?,
            grid: self.grid.checked_add(line.grid)?,
            fees: self.fees.checked_sub(fees)?,
            total: self.total.checked_add(line.household)?,
        })
    }

    /// The total in whole cents, half a cent away from zero, and what that leaves for the account of
    /// roundings, in nano-currency: the two are the total.
    pub fn round(&self) -> (i128, i128) {
        round(self.total)
    }
}

/// Rounds an amount once: whole cents, half a cent away from zero, and what is left.
pub fn round(nano: i128) -> (i128, i128) {
    let whole = nano.checked_div(CENT_NANO).unwrap_or(0);
    let rest = nano.checked_rem(CENT_NANO).unwrap_or(0);
    // The rest has the sign of the amount, and is smaller than a cent.
    let up = rest.saturating_abs().saturating_mul(2) >= CENT_NANO;
    if up {
        let step = rest.signum();
        let left = rest.saturating_sub(step.saturating_mul(CENT_NANO));
        (whole.saturating_add(step), left)
    } else {
        (whole, rest)
    }
}

#[cfg(test)]
mod tests;
