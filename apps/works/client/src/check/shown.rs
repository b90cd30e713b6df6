//! What rules say of a fibre, by the names of `expected_verdicts.json`: the native rules with the values that they
//! were computed from, a text of ARL-1 what it says.

use commonhold_works_contract::{
    acceptance::{
        Outcome,
        evidence::Says,
        fibre::{Fault, Judged, Values},
    },
    arl,
};
use serde_json::{Map, Value, json};

/// Rules whose answer is shown.
pub(super) trait Shown: Says {
    /// Rules that fail.
    fn failed(&self) -> Vec<String>;
    /// What failed where; nothing where the rules do not say.
    fn detail(&self) -> Vec<Value> {
        Vec::new()
    }
    /// What it was computed from, by wavelength.
    fn values(&self) -> Map<String, Value> {
        Map::new()
    }
    /// What each rule says.
    fn rules(&self) -> Vec<Value>;
    /// mdB of the wavelength that loses most.
    fn loss(&self) -> Option<i64>;
}

impl Shown for Judged {
    fn failed(&self) -> Vec<String> {
        self.failed().into_iter().map(str::to_owned).collect()
    }

    fn detail(&self) -> Vec<Value> {
        self.faults.iter().map(of_fault).collect()
    }

    fn values(&self) -> Map<String, Value> {
        let values = self.values.iter();
        values
            .map(|(nm, values)| (nm.to_string(), of_values(values)))
            .collect()
    }

    fn rules(&self) -> Vec<Value> {
        self.outcomes.iter().map(of_outcome).collect()
    }

    fn loss(&self) -> Option<i64> {
        let values = self.values.values();
        values.filter_map(|values| values.link_loss).max()
    }
}

impl Shown for arl::Judged {
    fn failed(&self) -> Vec<String> {
        let mut failed: Vec<_> = self.failed().into_iter().map(str::to_owned).collect();
        failed.sort_unstable();
        failed.dedup();
        failed
    }

    fn rules(&self) -> Vec<Value> {
        let rule = |rule: &arl::Ruled| {
            json!({
                "id": rule.rule,
                "wavelength_nm": rule.wavelength,
                "value": rule.value,
                "limit": rule.limit,
                "unit": rule.unit,
                "margin": rule.margin,
                "status": rule.status.name(),
            })
        };
        self.outcomes.iter().map(rule).collect()
    }

    fn loss(&self) -> Option<i64> {
        let budget = self.outcomes.iter().filter(|rule| rule.rule == "BUDGET");
        budget.filter_map(|rule| rule.value).max()
    }
}

fn of_values(values: &Values) -> Value {
    let events = values.events.iter().map(|event| {
        json!({
            "pos_mm": event.at_mm,
            "bidir_loss_mdb": event.loss,
            "kind": if event.connector { "conn" } else { "splice" },
            "reflectance_mdb": event.reflectance,
            "directions": event.directions,
        })
    });
    let (a, b) = values.lengths;
    json!({
        "link_length_mm_from_each_end": [Some(a), b],
        "attenuation_mdb_per_km": values.attenuation,
        "link_loss_mdb": values.link_loss,
        "budget_mdb": values.budget,
        "events": events.collect::<Vec<_>>(),
    })
}

/// A rule's outcome in JSON.
pub(crate) fn of_outcome(outcome: &Outcome) -> Value {
    json!({
        "id": outcome.rule,
        "wavelength_nm": outcome.wavelength,
        "value": outcome.value,
        "limit": outcome.limit,
        "unit": outcome.unit,
        "margin": outcome.margin,
        "status": outcome.status.name(),
    })
}

fn of_fault(fault: &Fault) -> Value {
    let rule = fault.rule();
    match fault {
        Fault::Length(nm, a, b, design) => json!([rule, nm, a, b, design]),
        Fault::SpliceHard(nm, over) => json!([rule, nm, over]),
        Fault::SpliceP95(nm, over, count) => json!([rule, nm, over, count]),
        Fault::SpliceMean(nm, value) | Fault::Attenuation(nm, value) => json!([rule, nm, value]),
        Fault::Connector(nm, a, b) | Fault::Reflectance(nm, a, b) | Fault::Budget(nm, a, b) => {
            json!([rule, nm, a, b])
        }
        Fault::Macrobend(at, short, long) => json!([rule, at, short, long]),
    }
}
