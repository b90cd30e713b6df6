//! A community in a folder: who is in it, what each measured slot by slot, and tariffs.
//!
//! `community.json` has `name`, `slot_seconds`, `slots`, `slot0_local` and `homes`, each with `home`, `role`
//! (a `consumer`'s generation counts as nothing), `file`, its limits `buy` and `sell` (micro-currency
//! per kWh) and its `weight` under a sharing key (else 1) where it states any. A home's file is CSV with the columns `slot`, `consumption_wh` and
//! `generation_wh`, and has every slot once, in order. Tariffs are an object of sets by name.

use std::{collections::BTreeMap, path::Path};

use commonhold_energy_contract::{
    limits::{ORDER_WH_MAX, PRICE_MICRO_MAX, WEIGHT_MAX},
    settlement::{Fees, Tariff},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{
    limits::{HOMES_MAX, NAME_BYTES_MAX, SLOTS_MAX},
    refusal::{Place, Reason, Refusal},
    source,
};

/// A file that is not taken, and which it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {refusal}")]
pub struct Refused {
    /// Its name.
    pub file: String,
    /// Why, and where.
    pub refusal: Refusal,
}

/// A community and what it measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// What it is called.
    pub name: String,
    /// Seconds of a slot.
    pub slot_seconds: u32,
    /// When slot 0 begins, as it is written: local time with its offset.
    pub slot0_local: String,
    /// Who is in it.
    pub homes: Vec<Home>,
}

/// A home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// What it is called.
    pub name: String,
    /// The dearest it buys at, where it says so.
    pub buy: Option<i64>,
    /// The cheapest it sells at.
    pub sell: Option<i64>,
    /// What it weighs under a sharing key.
    pub weight: u16,
    /// What it consumed and generated, slot by slot, in Wh.
    pub slots: Vec<(u64, u64)>,
}

/// A set of tariffs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regime {
    /// What it is called.
    pub name: String,
    /// What the supplier takes and gives.
    pub tariff: Tariff,
    /// What buyers pay beside the local price.
    pub fees: Fees,
}

#[derive(Deserialize)]
struct Description {
    name: String,
    slot_seconds: u32,
    slots: u64,
    slot0_local: String,
    homes: Vec<DescribedHome>,
}

#[derive(Deserialize)]
struct DescribedHome {
    home: String,
    role: Option<String>,
    file: String,
    buy: Option<i64>,
    sell: Option<i64>,
    weight: Option<u16>,
}

/// Reads a folder.
///
/// # Errors
/// [`Refused`].
pub fn read(dir: &Path) -> Result<Community, Refused> {
    let file = "community.json";
    let refused = |refusal| Refused {
        file: file.to_owned(),
        refusal,
    };
    let text = source::text(&dir.join(file)).map_err(refused)?;
    let found: Description =
        serde_json::from_str(&text).map_err(|e| refused(Refusal::of_json(&e)))?;
    let bad = |what: &str| Err(refused(Refusal::malformed(Place::File, what)));
    if !matches!(found.slot_seconds, 900 | 1_800 | 3_600) {
        return bad("slot_seconds is 900, 1800 or 3600");
    }
    if !(1..=SLOTS_MAX).contains(&found.slots) {
        return bad("has no slots, or more than SLOTS_MAX");
    }
    if found.homes.is_empty() || found.homes.len() > HOMES_MAX {
        return bad("has no homes, or more than HOMES_MAX");
    }
    let mut homes: Vec<Home> = Vec::new();
    let mut seen = BTreeMap::new();
    for (number, home) in found.homes.into_iter().enumerate() {
        let place = Place::Member(format!("homes[{number}]"));
        let plain = |text: &str| {
            (1..=NAME_BYTES_MAX).contains(&text.len())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                && !text.starts_with('.')
        };
        if !plain(&home.home) || !plain(&home.file) {
            let what = "a home and its file are named by letters, digits, '-', '_' and '.'";
            return Err(refused(Refusal::malformed(place, what)));
        }
        if let Some(first) = seen.insert(home.home.clone(), place.clone()) {
            let what = "home";
            return Err(refused(Refusal::at(
                place,
                Reason::Duplicate { what, first },
            )));
        }
        let bounded = |price: &i64| price.unsigned_abs() <= PRICE_MICRO_MAX.unsigned_abs();
        if ![home.buy, home.sell].iter().flatten().all(bounded) {
            return Err(refused(price(place, "a limit")));
        }
        if home.weight.is_some_and(|weight| weight > WEIGHT_MAX) {
            let reason = Reason::OutOfBounds {
                what: "a weight",
                from: 0,
                to: WEIGHT_MAX.into(),
                unit: "beside the others'",
            };
            return Err(refused(Refusal::at(place, reason)));
        }
        let consumer = match home.role.as_deref() {
            Some("consumer") => true,
            Some("prosumer") | None => false,
            Some(_) => {
                let what = "a role is consumer or prosumer";
                return Err(refused(Refusal::malformed(place, what)));
            }
        };
        let mut slots = profile(&dir.join(&home.file), found.slots).map_err(|refusal| Refused {
            file: home.file.clone(),
            refusal,
        })?;
        if consumer {
            slots.iter_mut().for_each(|slot| slot.1 = 0);
        }
        homes.push(Home {
            name: home.home,
            buy: home.buy,
            sell: home.sell,
            weight: home.weight.unwrap_or(1),
            slots,
        });
    }
    Ok(Community {
        name: found.name,
        slot_seconds: found.slot_seconds,
        slot0_local: found.slot0_local,
        homes,
    })
}

const fn price(place: Place, what: &'static str) -> Refusal {
    Refusal::at(
        place,
        Reason::OutOfBounds {
            what,
            from: -PRICE_MICRO_MAX,
            to: PRICE_MICRO_MAX,
            unit: "micro-currency per kWh",
        },
    )
}

/// What one home measured: every slot from 0 to just before `slots`.
fn profile(path: &Path, slots: u64) -> Result<Vec<(u64, u64)>, Refusal> {
    let text = source::text(path)?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| Refusal::of_csv(&e))?.clone();
    let column = |name: &'static str| {
        let missing = || Refusal::at(Place::Line(1), Reason::Missing(name));
        header
            .iter()
            .position(|head| head == name)
            .ok_or_else(missing)
    };
    let unit = |head: &str| head.starts_with("consumption_") || head.starts_with("generation_");
    if header
        .iter()
        .any(|head| unit(head) && !head.ends_with("_wh"))
    {
        let reason = Reason::Unit("a home's columns are in Wh");
        return Err(Refusal::at(Place::Line(1), reason));
    }
    let columns = [
        column("slot")?,
        column("consumption_wh")?,
        column("generation_wh")?,
    ];
    let mut rows = Vec::new();
    let mut expected = 0u64;
    for row in reader.records() {
        let row = row.map_err(|e| Refusal::of_csv(&e))?;
        let place = Place::Line(row.position().map_or(0, csv::Position::line));
        let [slot, consumption, generation] = columns.map(|n| row.get(n).unwrap_or_default());
        let slot: u64 = slot
            .parse()
            .map_err(|_| Refusal::malformed(place.clone(), "the slot is no number"))?;
        if slot < expected {
            return Err(Refusal::at(place, Reason::Overlap));
        }
        if slot > expected {
            let reason = Reason::Gap(slot.saturating_sub(expected));
            return Err(Refusal::at(place, reason));
        }
        if slot >= slots {
            let what = "is beyond the last slot of community.json";
            return Err(Refusal::malformed(place, what));
        }
        let wh = |text: &str| {
            let wh = text.parse::<u64>().ok().filter(|wh| *wh <= ORDER_WH_MAX);
            wh.ok_or_else(|| {
                let (what, unit) = ("the energy", "Wh");
                Refusal::at(place.clone(), Reason::NotWhole { what, unit })
            })
        };
        rows.push((wh(consumption)?, wh(generation)?));
        expected = expected.saturating_add(1);
    }
    if expected < slots {
        let reason = Reason::Gap(slots.saturating_sub(expected));
        return Err(Refusal::file(reason));
    }
    Ok(rows)
}

/// A set of tariffs as files state it.
#[derive(Deserialize)]
struct StatedTariff {
    retail_import: i64,
    feed_in: i64,
    local_network_fee: i64,
    #[serde(default)]
    community_fee: i64,
    #[serde(default)]
    levy: i64,
}

/// Reads the sets of tariffs in a file, by their names.
///
/// # Errors
/// [`Refused`].
pub fn tariffs(path: &Path) -> Result<Vec<Regime>, Refused> {
    let file = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let refused = |refusal| Refused {
        file: file.clone().unwrap_or_default(),
        refusal,
    };
    let text = source::text(path).map_err(refused)?;
    let all: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|e| refused(Refusal::of_json(&e)))?;
    let mut regimes = Vec::new();
    // What is no object is a remark on the file.
    for (name, stated) in all.into_iter().filter(|(_, stated)| stated.is_object()) {
        let place = Place::Member(name.clone());
        let Ok(stated) = serde_json::from_value::<StatedTariff>(stated) else {
            let what = "a tariff has retail_import, feed_in and local_network_fee, whole numbers";
            return Err(refused(Refusal::malformed(place, what)));
        };
        let regime = Regime {
            name,
            tariff: Tariff {
                retail: stated.retail_import,
                feed_in: stated.feed_in,
            },
            fees: Fees {
                network: stated.local_network_fee,
                community: stated.community_fee,
                levy: stated.levy,
            },
        };
        if !regime.bounded() {
            return Err(refused(price(place, "a price or fee")));
        }
        regimes.push(regime);
    }
    if regimes.is_empty() {
        return Err(refused(Refusal::file(Reason::Unknown("holds no tariff"))));
    }
    Ok(regimes)
}

impl Regime {
    /// Whether all of its prices are within bounds.
    pub fn bounded(&self) -> bool {
        let bounded = |price: i64| price.unsigned_abs() <= PRICE_MICRO_MAX.unsigned_abs();
        let prices = [
            self.tariff.retail,
            self.tariff.feed_in,
            self.fees.network,
            self.fees.community,
            self.fees.levy,
        ];
        prices.into_iter().all(bounded) && self.fees.total().is_some()
    }

    /// What lies between feed-in and retail less fees: where a local price leaves nobody worse off.
    pub fn band(&self) -> i64 {
        let fees = self.fees.total().unwrap_or_default();
        self.tariff
            .retail
            .saturating_sub(fees)
            .saturating_sub(self.tariff.feed_in)
    }

    /// The dearest that a home buys at and the cheapest that it sells at: its own limits, or else ones
    /// spread over the band by the hash of its name, so that no two homes are alike and nobody is worse
    /// off than with the grid.
    pub fn limits(&self, home: &Home) -> (i64, i64) {
        let spread = |side: &str, from: i64| {
            let half = spread(side, &home.name).div_euclid(2);
            let part = self.band().saturating_mul(from.saturating_add(half));
            self.tariff.feed_in.saturating_add(part.div_euclid(1_000))
        };
        (
            home.buy.unwrap_or_else(|| spread("buy", 500)),
            home.sell.unwrap_or_else(|| spread("sell", 0)),
        )
    }
}

/// A number from 0 to 1,000 that follows from a side and a home's name.
fn spread(side: &str, home: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update(side.as_bytes());
    hash.update(home.as_bytes());
    let hash = hash.finalize();
    let head = hash.iter().take(4);
    let head = head.fold(0i64, |sum, byte| {
        sum.wrapping_mul(256).wrapping_add(i64::from(*byte))
    });
    head.rem_euclid(1_001)
}

#[cfg(test)]
mod tests;
