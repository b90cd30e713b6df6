//! Whether the ledger computed a month right: every slot again from its signed readings, by the law's rules
//! and without the ledger.
//!
//! | item | what is checked |
//! |---|---|
//! | `signed` | each reading is signed by its meter's key, is of its slot, and says what the ledger took |
//! | `I1` | what was bought is what was sold, and is the slot's volume |
//! | `I2` | limits are those that members set, and nobody pays more or gets less than theirs |
//! | `I3` | no one price trades more: the linear check |
//! | `I4` | the other order of input gives the same |
//! | `I5` | computing again gives the same price, volume and shares |
//! | `I6` | all changes of all accounts make zero, and each is what the rules say |
//! | `I7` | imports and exports are what came from and went to the community and the grid |
//! | `I8` | what members paid one another is what they got from one another |
//! | `I9` | each Wh that was generated is certified once and in one state, and what is claimed was consumed |
//! | `I10` | a bill is the sum of its slots and corrections, rounded once |

mod again;
mod certified;
mod signed;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use commonhold_energy_contract::settlement::{Bill, CENT_NANO, Fees, Line, Tariff, line};
use serde::Serialize;

use crate::{
    billing::beside,
    evidence::{Evidence, LineTold, NoteTold, RulesFrom, SlotTold},
};

/// What is checked, in the order of the report.
const ITEMS: &[(&str, &str)] = &[
    (
        "signed",
        "readings are their meters' and say what was taken",
    ),
    ("I1", "bought = sold = volume"),
    ("I2", "limits are the members' and respected"),
    ("I3", "no one price trades more"),
    ("I4", "the order of input changes nothing"),
    ("I5", "computing again gives the same"),
    ("I6", "all account changes make zero"),
    ("I7", "measured = community + grid"),
    ("I8", "paid to neighbours = got from neighbours"),
    ("I9", "each Wh certified once, claims consumed"),
    ("I10", "bills are the sums of their slots"),
];

/// One item of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name.
    pub item: &'static str,
    /// What it checks.
    pub what: &'static str,
    /// How often it was checked.
    pub checked: u64,
    /// How often it failed.
    pub failed: u64,
    /// Where first.
    pub first: Option<String>,
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// The community.
    pub community: u64,
    /// From when, seconds since 1970.
    pub from: u64,
    /// Until just before when.
    pub to: u64,
    /// Slots checked.
    pub slots: u64,
    /// Readings checked.
    pub readings: u64,
    /// Corrections checked.
    pub corrections: u64,
    /// What went from member to member, Wh.
    pub local_wh: u64,
    /// Item by item.
    pub items: Vec<Item>,
    /// The first place where anything failed.
    pub first: Option<String>,
    /// What names the evidence: the same for everybody who gathers it.
    pub root: B256,
    /// What names what had become of the certificates.
    pub held_root: B256,
    /// Whether everything holds.
    pub holds: bool,
}

/// Counts of items.
struct Tally {
    items: Vec<Item>,
    first: Option<String>,
}

impl Tally {
    fn new() -> Self {
        let item = |(item, what): &(&'static str, &'static str)| Item {
            item,
            what,
            checked: 0,
            failed: 0,
            first: None,
        };
        Self {
            items: ITEMS.iter().map(item).collect(),
            first: None,
        }
    }

    fn check(&mut self, name: &str, holds: bool, place: impl FnOnce() -> String) {
        let Some(item) = self.items.iter_mut().find(|item| item.item == name) else {
            return;
        };
        item.checked = item.checked.saturating_add(1);
        if holds {
            return;
        }
        item.failed = item.failed.saturating_add(1);
        if item.first.is_none() {
            let place = place();
            self.first.get_or_insert_with(|| format!("{name}: {place}"));
            item.first = Some(place);
        }
    }
}

/// Checks everything that there is evidence of.
///
/// # Errors
/// Where the evidence cannot be written again, so that it has no root.
pub fn audit(evidence: &Evidence) -> Result<Audit, serde_json::Error> {
    let mut tally = Tally::new();
    let mut bills: BTreeMap<Address, (Bill, i128)> = BTreeMap::new();
    let (mut readings, mut local_wh) = (0u64, 0u64);
    let signers = signed::Signers::of(evidence, &mut tally);
    let mut certificates = certified::Certificates::of(evidence);
    for told in &evidence.slots {
        readings = readings.saturating_add(told.lines.len() as u64);
        local_wh = local_wh.saturating_add(told.volume);
        slot(evidence, told, &signers, &mut tally, &mut bills);
        certificates.check(evidence, told, &mut tally);
    }
    certificates.rest(&mut tally);
    for (household, (bill, told)) in &bills {
        tally.check("I10", bill.total == *told, || {
            format!(
                "the bill of {household} is {}, and its slots make {told}",
                bill.total
            )
        });
        let (cents, rest) = bill.round();
        let whole = cents
            .checked_mul(CENT_NANO)
            .and_then(|all| all.checked_add(rest));
        tally.check("I10", whole == Some(bill.total), || {
            format!("the bill of {household} is not its cents and the rest")
        });
    }
    let failed = tally.items.iter().any(|item| item.failed != 0);
    Ok(Audit {
        community: evidence.community,
        from: evidence.from,
        to: evidence.to,
        slots: evidence.slots.len() as u64,
        readings,
        corrections: evidence.slots.iter().fold(0u64, |sum, told| {
            sum.saturating_add(told.notes.len() as u64)
        }),
        local_wh,
        items: tally.items,
        first: tally.first,
        root: evidence.root()?,
        held_root: evidence.held_root()?,
        holds: !failed,
    })
}

type Bills = BTreeMap<Address, (Bill, i128)>;

fn slot(
    evidence: &Evidence,
    told: &SlotTold,
    signers: &signed::Signers,
    tally: &mut Tally,
    bills: &mut Bills,
) {
    let at = |what: &str| format!("slot {}: {what}", told.slot);
    let Some(rules) = evidence.rules_at(told.slot) else {
        return tally.check("I5", false, || at("no rules hold"));
    };
    signed::check(evidence, told, rules, signers, tally);
    let side = |buys: bool| {
        let of_side = told.lines.iter().filter(|line| (line.net > 0) == buys);
        of_side.fold(0u64, |sum, line| sum.saturating_add(line.local))
    };
    let (bought, sold) = (side(true), side(false));
    let whole = bought == sold && bought == told.volume;
    tally.check("I1", whole, || {
        at(&format!(
            "{bought} bought, {sold} sold, {} told",
            told.volume
        ))
    });
    tally.check("I1", told.traded || told.volume == 0, || {
        at("a volume without a trade")
    });
    for line in &told.lines {
        limits(evidence, told, line, rules, tally);
    }
    again::check(evidence, told, rules, tally);
    money_of(evidence, told, rules, tally, bills);
}

fn fees(rules: &RulesFrom) -> Fees {
    Fees {
        network: rules.network_fee,
        community: rules.community_fee,
        levy: rules.levy,
    }
}

fn limits(
    evidence: &Evidence,
    told: &SlotTold,
    line: &LineTold,
    rules: &RulesFrom,
    tally: &mut Tally,
) {
    let at = |what: &str| format!("slot {}, place {}: {what}", told.slot, line.index);
    if !line.ordered {
        tally.check("I2", line.local == 0, || {
            at("it got something without an order")
        });
        return;
    }
    let ceiling = i64::try_from(evidence.ceiling).unwrap_or(i64::MAX);
    let dearest = ceiling.saturating_sub(fees(rules).total().unwrap_or_default());
    let set = evidence.limits_at(line.index, told.slot);
    let expected = set.map(|set| {
        if line.net > 0 {
            set.buy.min(dearest)
        } else {
            set.sell
        }
    });
    tally.check("I2", expected == Some(line.limit), || {
        at(&format!(
            "its limit is {}, and it had set {expected:?}",
            line.limit
        ))
    });
    let kept = told.mode != again::AUCTION
        || line.local == 0
        || if line.net > 0 {
            line.limit >= told.price
        } else {
            line.limit <= told.price
        };
    tally.check("I2", kept, || {
        at(&format!("limit {}, price {}", line.limit, told.price))
    });
}

/// A meter's slot by the rules; none where it cannot be.
fn settled(
    evidence: &Evidence,
    told: &SlotTold,
    one: &LineTold,
    rules: &RulesFrom,
) -> Option<(Address, Line)> {
    let seat = evidence.seat_at(one.index, told.slot)?;
    let prices = evidence.tariff_at(seat.supplier, told.slot)?;
    let tariff = Tariff {
        retail: prices.retail,
        feed_in: prices.feed_in,
    };
    let line = line(one.net, one.local, told.price, &fees(rules), &tariff).ok()?;
    Some((seat.household, line))
}

fn money_of(
    evidence: &Evidence,
    told: &SlotTold,
    rules: &RulesFrom,
    tally: &mut Tally,
    bills: &mut Bills,
) {
    let (mut all, mut between) = (0i128, 0i128);
    for one in &told.lines {
        let at = |what: &str| format!("slot {}, place {}: {what}", told.slot, one.index);
        let Some((household, line)) = settled(evidence, told, one, rules) else {
            tally.check("I6", false, || at("it cannot be settled"));
            continue;
        };
        let changes = [
            line.household,
            line.network,
            line.community,
            line.levy,
            line.supplier,
        ];
        all = changes.into_iter().fold(all, i128::saturating_add);
        between = between.saturating_add(line.local);
        let statement = i128::from(one.statement);
        let total = i128::from(one.prepaid).saturating_add(statement);
        let same = line.household == total && line.grid == statement;
        tally.check("I6", same, || {
            let rules = format!(
                "{} and {}",
                line.household.saturating_sub(line.grid),
                line.grid
            );
            at(&format!(
                "{} and {statement} were posted, the rules say {rules}",
                one.prepaid
            ))
        });
        let import = line.import_local.saturating_add(line.import_grid());
        let export = line.export_local.saturating_add(line.export_grid());
        let net = i128::from(import).saturating_sub(export.into());
        tally.check("I7", net == i128::from(one.net), || {
            at("measured is not what came and went")
        });
        let (bill, sum) = bills.entry(household).or_default();
        *sum = sum.saturating_add(total);
        match bill.with(&line) {
            Some(more) => *bill = more,
            None => tally.check("I10", false, || at("a bill is beyond what can be")),
        }
    }
    for note in &told.notes {
        corrected(evidence, told, note, tally, bills);
    }
    tally.check("I6", all == 0, || {
        format!("slot {}: accounts change by {all}", told.slot)
    });
    tally.check("I8", between == 0, || {
        format!("slot {}: members are left with {between}", told.slot)
    });
}

/// A correction: what the meter took or gave beside what it traded, at its supplier's prices.
fn corrected(
    evidence: &Evidence,
    told: &SlotTold,
    note: &NoteTold,
    tally: &mut Tally,
    bills: &mut Bills,
) {
    let at = |what: &str| format!("slot {}, place {}: {what}", told.slot, note.index);
    let seat = evidence.seat_at(note.index, told.slot);
    let prices = seat.and_then(|seat| evidence.tariff_at(seat.supplier, told.slot));
    let Some((seat, prices)) = seat.zip(prices) else {
        return tally.check("I10", false, || at("nobody is corrected"));
    };
    let tariff = Tariff {
        retail: prices.retail,
        feed_in: prices.feed_in,
    };
    let line = told.lines.iter().find(|line| line.index == note.index);
    let traded = line.map_or(0, LineTold::traded);
    let worth = |net: i64| beside(net.saturating_sub(traded), &tariff);
    let delta = worth(note.net).saturating_sub(worth(note.before));
    tally.check("I10", delta == i128::from(note.statement), || {
        at(&format!(
            "its correction is {}, the rules say {delta}",
            note.statement
        ))
    });
    let (bill, sum) = bills.entry(seat.household).or_default();
    *sum = sum.saturating_add(note.statement.into());
    bill.grid = bill.grid.saturating_add(delta);
    bill.total = bill.total.saturating_add(delta);
}

impl Audit {
    /// The answer for people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "community {}: {} slots, {} signed readings, {} corrections, {} Wh from member to member",
            self.community, self.slots, self.readings, self.corrections, self.local_wh
        )];
        for item in &self.items {
            let verdict = if item.failed == 0 { "holds" } else { "FAILS" };
            let failed = match &item.first {
                Some(first) => format!(", {} of them: {first}", item.failed),
                None => String::new(),
            };
            lines.push(format!(
                "{:<7} {verdict}  {} checked{failed}  ({})",
                item.item, item.checked, item.what
            ));
        }
        lines.push(format!("root {}", self.root));
        lines.push(format!("certificates {}", self.held_root));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
