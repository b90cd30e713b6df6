//! What a ruleset says.

use crate::acceptance::{Status, Verdict};

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// The rule.
    pub rule: String,
    /// Nanometres, where the rule looks at one wavelength.
    pub wavelength: Option<u16>,
    /// What was measured.
    pub value: Option<i64>,
    /// What is allowed.
    pub limit: i64,
    /// Of value, limit and margin.
    pub unit: String,
    /// What is left up to the limit.
    pub margin: Option<i64>,
    /// What follows.
    pub status: Status,
}

impl Ruled {
    /// Nothing is there that the ruleset could be held against.
    pub(super) fn no_evidence(wavelength: Option<u16>) -> Self {
        Self {
            rule: "EVIDENCE".to_owned(),
            wavelength,
            value: None,
            limit: 0,
            unit: "files".to_owned(),
            margin: None,
            status: Status::Insufficient,
        }
    }
}

/// What a ruleset says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What every rule says.
    pub outcomes: Vec<Ruled>,
    /// Steps that were taken.
    pub steps: u64,
}

impl Judged {
    /// What follows.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.outcomes.iter().map(|outcome| outcome.status.verdict());
        verdicts.max().unwrap_or(Verdict::Accept)
    }

    /// Rules that fail, in their order.
    pub fn failed(&self) -> Vec<&str> {
        let failed = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.status == Status::Fail);
        failed.map(|outcome| outcome.rule.as_str()).collect()
    }
}
