//! `commonhold energy simulate`: the same slots of a community under other keys, fees and tariffs, by the
//! rules of the ledger and without one.

use alloy_primitives::{B256, keccak256};
use commonhold_energy_contract::{
    clearing::{Fraction, Order, check, clear},
    rationing::Part,
    settlement::{Bill, CENT_NANO, line, round},
    sharing::{self, Key, Member},
    terms::{parts, rank},
};
use serde::{Serialize, Serializer};

use crate::community::{Community, Regime};

/// How a community deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By an auction, with the price so far between its bounds.
    Auction(Fraction),
    /// By a sharing key: equal shares, or ranks in the order of the homes.
    Share(Key),
}

/// An amount of nano-currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nano(pub i128);

impl Serialize for Nano {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0) {
            Ok(nano) => serializer.serialize_i64(nano),
            Err(_) => serializer.collect_str(&self.0),
        }
    }
}

/// What a simulation found.
#[derive(Debug, Serialize)]
pub struct Simulated {
    /// What the community is called.
    pub community: String,
    /// The first slot.
    pub from: u64,
    /// The slot after the last.
    pub to: u64,
    /// How many homes there are.
    pub homes: usize,
    /// What they consumed, Wh.
    pub consumption_wh: u64,
    /// What they generated.
    pub generation_wh: u64,
    /// What their meters imported.
    pub import_wh: u64,
    /// What they exported.
    pub export_wh: u64,
    /// What could have been shared at most: slot by slot the lesser of the two.
    pub max_local_wh: u64,
    /// One by one, what each tariff and mode come to.
    pub runs: Vec<Run>,
}

/// What one tariff and mode come to.
#[derive(Debug, Serialize)]
pub struct Run {
    /// The tariff.
    pub tariff: String,
    /// The mode: `auction`, or a sharing key.
    pub mode: String,
    /// What went from home to home, Wh.
    pub local_wh: u64,
    /// Slots in which something did.
    pub active_slots: u64,
    /// The mean of their prices, rounded to the nearest, micro-currency per kWh.
    pub mean_price: Option<i64>,
    /// What all homes would have paid with the grid alone.
    pub grid_only_nano: Nano,
    /// What they pay.
    pub paid_nano: Nano,
    /// The difference.
    pub saving_nano: Nano,
    /// The same in hundredths of a per cent, rounded down.
    pub saving_bp: Option<i64>,
    /// Homes that pay more than with the grid alone.
    pub worse_off: usize,
    /// The sum of all changes of all accounts: homes, network operator, community, levies, suppliers.
    pub accounts_sum_nano: Nano,
    /// Meters and slots in which what was measured is not what came from and went to the community and
    /// the grid.
    pub balance_faults: u64,
    /// Slots in which the linear check fails, or what was bought is not what was sold.
    pub check_faults: u64,
    /// What rounding all bills to the cent leaves on the account of roundings.
    pub rounding_nano: Nano,
    /// What each home pays.
    pub bills: Vec<HomeBill>,
}

/// What a home pays in a run.
#[derive(Debug, Serialize)]
pub struct HomeBill {
    /// The home.
    pub home: String,
    /// What it imported from the community, Wh.
    pub import_local_wh: u64,
    /// And from the grid.
    pub import_grid_wh: u64,
    /// What it exported to the community.
    pub export_local_wh: u64,
    /// And to the grid.
    pub export_grid_wh: u64,
    /// What it would have paid with the grid alone (below zero: what it would have got).
    pub grid_only_nano: Nano,
    /// What it pays.
    pub paid_nano: Nano,
    /// The same in cents, rounded once.
    pub paid_cents: Nano,
    /// What it saves.
    pub saving_nano: Nano,
}

/// Why nothing is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Slots that there are not.
    #[error("slots {0} to {1} are not all there; the community has {2}")]
    Slots(u64, u64, u64),
    /// A rule does not take what there is.
    #[error("slot {0} cannot be settled: {1}")]
    Slot(u64, &'static str),
}

/// Runs the slots from `from` to just before `to` under each tariff and mode.
///
/// # Errors
/// [`Unfit`].
pub fn simulate(
    community: &Community,
    (from, to): (u64, u64),
    regimes: &[Regime],
    modes: &[Mode],
) -> Result<Simulated, Unfit> {
    let slots = community
        .homes
        .first()
        .map_or(0, |home| home.slots.len() as u64);
    if from >= to || to > slots {
        return Err(Unfit::Slots(from, to, slots));
    }
    let mut found = Simulated {
        community: community.name.clone(),
        from,
        to,
        homes: community.homes.len(),
        consumption_wh: 0,
        generation_wh: 0,
        import_wh: 0,
        export_wh: 0,
        max_local_wh: 0,
        runs: Vec::new(),
    };
    for slot in from..to {
        let (mut import, mut export) = (0u64, 0u64);
        for home in &community.homes {
            let (consumed, generated) = measured(home, slot);
            found.consumption_wh = found.consumption_wh.saturating_add(consumed);
            found.generation_wh = found.generation_wh.saturating_add(generated);
            import = import.saturating_add(consumed.saturating_sub(generated));
            export = export.saturating_add(generated.saturating_sub(consumed));
        }
        found.import_wh = found.import_wh.saturating_add(import);
        found.export_wh = found.export_wh.saturating_add(export);
        found.max_local_wh = found.max_local_wh.saturating_add(import.min(export));
    }
    for regime in regimes {
        for mode in modes {
            found.runs.push(run(community, (from, to), regime, *mode)?);
        }
    }
    Ok(found)
}

fn measured(home: &crate::community::Home, slot: u64) -> (u64, u64) {
    let slot = usize::try_from(slot).unwrap_or(usize::MAX);
    home.slots.get(slot).copied().unwrap_or_default()
}

/// What a slot's local energy is, home by home, and its price.
struct Shared {
    local: Vec<u64>,
    price: i64,
    volume: u64,
    checks: bool,
}

/// One home in all slots of a run.
struct Standing {
    id: B256,
    buy: i64,
    sell: i64,
    weight: u16,
    bill: Bill,
    grid_only: i128,
}

fn run(
    community: &Community,
    (from, to): (u64, u64),
    regime: &Regime,
    mode: Mode,
) -> Result<Run, Unfit> {
    let mut homes: Vec<Standing> = Vec::new();
    for home in &community.homes {
        let (buy, sell) = regime.limits(home);
        homes.push(Standing {
            id: keccak256(home.name.as_bytes()),
            buy,
            sell,
            weight: home.weight,
            bill: Bill::default(),
            grid_only: 0,
        });
    }
    let (mut local_wh, mut active, mut prices) = (0u64, 0u64, 0i128);
    let (mut others, mut balance_faults, mut check_faults) = (0i128, 0u64, 0u64);
    for slot in from..to {
        let mut nets = Vec::new();
        for home in &community.homes {
            let (consumed, generated) = measured(home, slot);
            let consumed = i64::try_from(consumed).unwrap_or(i64::MAX);
            nets.push(consumed.saturating_sub(i64::try_from(generated).unwrap_or(i64::MAX)));
        }
        let key = keccak256([community.name.as_bytes(), &slot.to_be_bytes()].concat());
        let shared = share(&homes, &nets, mode, regime, &key).map_err(|e| Unfit::Slot(slot, e))?;
        check_faults = check_faults.saturating_add(u64::from(!shared.checks));
        local_wh = local_wh.saturating_add(shared.volume);
        if shared.volume != 0 {
            active = active.saturating_add(1);
            prices = prices.saturating_add(shared.price.into());
        }
        for ((home, net), local) in homes.iter_mut().zip(&nets).zip(&shared.local) {
            let settled = line(*net, *local, shared.price, &regime.fees, &regime.tariff)
                .map_err(|_| Unfit::Slot(slot, "a price or an energy is beyond its bounds"))?;
            let import = settled.import_local.saturating_add(settled.import_grid());
            let export = settled.export_local.saturating_add(settled.export_grid());
            let whole = i128::from(import).saturating_sub(export.into());
            balance_faults = balance_faults.saturating_add(u64::from(whole != i128::from(*net)));
            home.bill = home
                .bill
                .with(&settled)
                .ok_or(Unfit::Slot(slot, "a bill is beyond its bounds"))?;
            home.grid_only = home
                .grid_only
                .saturating_add(settled.grid_only(&regime.tariff));
            for posting in [
                settled.network,
                settled.community,
                settled.levy,
                settled.supplier,
            ] {
                others = others.saturating_add(posting);
            }
        }
    }
    let total = homes
        .iter()
        .fold(0i128, |sum, home| sum.saturating_add(home.bill.total));
    let grid_only = homes
        .iter()
        .fold(0i128, |sum, home| sum.saturating_add(home.grid_only));
    let saving = total.saturating_sub(grid_only);
    let rounding = homes.iter().fold(0i128, |sum, home| {
        sum.saturating_add(round(home.bill.total).1)
    });
    let bills = homes.iter().zip(&community.homes);
    Ok(Run {
        tariff: regime.name.clone(),
        mode: mode.name(),
        local_wh,
        active_slots: active,
        mean_price: mean(prices, active),
        grid_only_nano: Nano(grid_only.saturating_neg()),
        paid_nano: Nano(total.saturating_neg()),
        saving_nano: Nano(saving),
        saving_bp: saving
            .saturating_mul(10_000)
            .checked_div_euclid(grid_only.saturating_neg())
            .and_then(|bp| i64::try_from(bp).ok()),
        worse_off: homes
            .iter()
            .filter(|home| home.bill.total < home.grid_only)
            .count(),
        accounts_sum_nano: Nano(total.saturating_add(others)),
        balance_faults,
        check_faults,
        rounding_nano: Nano(rounding),
        bills: bills
            .map(|(standing, home)| HomeBill {
                home: home.name.clone(),
                import_local_wh: standing.bill.import_local,
                import_grid_wh: standing.bill.import_grid,
                export_local_wh: standing.bill.export_local,
                export_grid_wh: standing.bill.export_grid,
                grid_only_nano: Nano(standing.grid_only.saturating_neg()),
                paid_nano: Nano(standing.bill.total.saturating_neg()),
                paid_cents: Nano(standing.bill.round().0.saturating_neg()),
                saving_nano: Nano(standing.bill.total.saturating_sub(standing.grid_only)),
            })
            .collect(),
    })
}

/// The mean of `count` prices that make `sum`, rounded to the nearest, a half up.
fn mean(sum: i128, count: u64) -> Option<i64> {
    let twice = sum.checked_mul(2)?.checked_add(count.into())?;
    let mean = twice.checked_div_euclid(i128::from(count).checked_mul(2)?)?;
    i64::try_from(mean).ok()
}

fn share(
    homes: &[Standing],
    nets: &[i64],
    mode: Mode,
    regime: &Regime,
    key: &B256,
) -> Result<Shared, &'static str> {
    match mode {
        Mode::Auction(k) => auction(homes, nets, k, key),
        Mode::Share(by) => by_key(homes, nets, by, regime, key),
    }
}

fn auction(
    homes: &[Standing],
    nets: &[i64],
    k: Fraction,
    key: &B256,
) -> Result<Shared, &'static str> {
    let side = |sign: i64, limit: fn(&Standing) -> i64| {
        let rows = homes.iter().zip(nets).enumerate();
        let open = rows.filter(|(_, (_, net))| net.signum() == sign);
        let orders = open.map(|(number, (home, net))| {
            let order = Order {
                id: home.id,
                price: limit(home),
                quantity: net.unsigned_abs(),
            };
            (number, order)
        });
        orders.unzip::<usize, Order, Vec<_>, Vec<_>>()
    };
    let (buyers, bids) = side(1, |home| home.buy);
    let (sellers, offers) = side(-1, |home| home.sell);
    let found = clear(&bids, &offers, k, key).map_err(|_| "an order is beyond its bounds")?;
    let checks = check(
        &bids,
        &offers,
        found.price,
        found.volume,
        &found.bid_fills,
        &found.offer_fills,
    );
    let mut local = vec![0; homes.len()];
    for (number, fill) in buyers
        .into_iter()
        .zip(&found.bid_fills)
        .chain(sellers.into_iter().zip(&found.offer_fills))
    {
        if let Some(local) = local.get_mut(number) {
            *local = *fill;
        }
    }
    Ok(Shared {
        local,
        price: found.price.unwrap_or_default(),
        volume: found.volume,
        checks: checks.is_ok(),
    })
}

fn by_key(
    homes: &[Standing],
    nets: &[i64],
    by: Key,
    regime: &Regime,
    tie: &B256,
) -> Result<Shared, &'static str> {
    let weights: u64 = homes.iter().map(|home| u64::from(home.weight)).sum();
    let mut members = Vec::new();
    let mut exports = Vec::new();
    let mut available = 0u64;
    for ((home, net), index) in homes.iter().zip(nets).zip(0u32..) {
        let size = net.min(&0).unsigned_abs();
        members.push(Member {
            id: home.id,
            wants: net.max(&0).unsigned_abs(),
            parts: parts(home.weight, weights),
            rank: rank(index, home.weight),
        });
        exports.push(Part { id: home.id, size });
        available = available.saturating_add(size);
    }
    let got = sharing::share(by, available, &members, tie).map_err(|_| "the key is none")?;
    let volume = got.iter().fold(0u64, |sum, got| sum.saturating_add(*got));
    let given = sharing::given(volume, &exports, tie).map_err(|_| "exports are beyond bounds")?;
    let sold = given
        .iter()
        .fold(0u64, |sum, given| sum.saturating_add(*given));
    let both = got.iter().zip(&given);
    let half = regime.band().div_euclid(2);
    Ok(Shared {
        local: both
            .map(|(got, given)| got.saturating_add(*given))
            .collect(),
        price: regime.tariff.feed_in.saturating_add(half),
        volume,
        checks: sold == volume,
    })
}

impl Mode {
    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::Auction(_) => "auction".to_owned(),
            Self::Share(Key::Static) => "static".to_owned(),
            Self::Share(Key::Hybrid { rounds }) => format!("hybrid-{rounds}"),
            Self::Share(Key::Dynamic) => "dynamic".to_owned(),
            Self::Share(Key::Priority) => "priority".to_owned(),
        }
    }
}

impl Simulated {
    /// The answer for people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "{}: {} homes, slots {} to {}: {} Wh consumed, {} Wh generated, {} Wh could be shared",
            self.community,
            self.homes,
            self.from,
            self.to.saturating_sub(1),
            self.consumption_wh,
            self.generation_wh,
            self.max_local_wh,
        )];
        for run in &self.runs {
            let saving = run.saving_bp.unwrap_or_default();
            lines.push(format!(
                "{:<18} {:<10} {:>12} Wh shared, {:>5}.{:02} % saved ({} cents), {} worse off, accounts sum to {}",
                run.tariff,
                run.mode,
                run.local_wh,
                saving.div_euclid(100),
                saving.rem_euclid(100),
                run.saving_nano.0.div_euclid(CENT_NANO),
                run.worse_off,
                run.accounts_sum_nano.0,
            ));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
