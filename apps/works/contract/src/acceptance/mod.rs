//! Acceptance by rules: what was measured, held against limits that the contract pinned.
//!
//! A rule compares one value with one limit and yields an [`Outcome`]: value, limit, unit, margin and
//! status. With a guard band `U` a value passes up to `limit - U`, fails above the limit, and is marginal
//! between. Of all outcomes the [`Verdict`] is: any fails, `REJECT`; any lacks evidence, `INCOMPLETE`; any is
//! marginal, `REVIEW`; otherwise `ACCEPT`.
//!
//! [`fibre`] is FIBRE-OSP-1, [`radio`] RADIO-1; [`integrity`] are the rules I1 to I7 about the evidence itself,
//! and [`evidence`] puts files to fibres by them.

pub mod evidence;
pub mod fibre;
pub mod integrity;
pub mod pairs;
pub mod radio;
pub mod sweep;

use crate::number::{Overflow, int};

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Within the limit.
    Pass,
    /// Within the limit, but not by more than the measurement's uncertainty.
    Marginal,
    /// There is nothing to say it of.
    Insufficient,
    /// Over the limit.
    Fail,
}

impl Status {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Marginal => "MARGINAL",
            Self::Insufficient => "INSUFFICIENT",
            Self::Fail => "FAIL",
        }
    }

    /// What follows of it.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Pass => Verdict::Accept,
            Self::Marginal => Verdict::Review,
            Self::Insufficient => Verdict::Incomplete,
            Self::Fail => Verdict::Reject,
        }
    }
}

/// What all rules together say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Taken.
    Accept,
    /// A person decides.
    Review,
    /// Evidence is missing.
    Incomplete,
    /// Not taken.
    Reject,
}

impl Verdict {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Review => "REVIEW",
            Self::Incomplete => "INCOMPLETE",
            Self::Reject => "REJECT",
        }
    }

    /// Of some outcomes.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let worst = outcomes
            .into_iter()
            .map(|outcome| outcome.status.verdict())
            .max();
        worst.unwrap_or(Self::Accept)
    }
}

/// What one rule says of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The rule.
    pub rule: &'static str,
    /// Nanometres, where the rule looks at one wavelength.
    pub wavelength: Option<u16>,
    /// What was measured.
    pub value: Option<i64>,
    /// What is allowed.
    pub limit: i64,
    /// Of value, limit and margin.
    pub unit: &'static str,
    /// What is left up to the limit; negative where it is exceeded.
    pub margin: Option<i64>,
    /// What follows.
    pub status: Status,
}

impl Outcome {
    /// A value that may be as large as the limit.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn at_most(
        rule: &'static str,
        wavelength: impl Into<Option<u16>>,
        value: i64,
        limit: i64,
        guard: i64,
        unit: &'static str,
    ) -> Result<Self, Overflow> {
        let margin = (int(limit) - value).get()?;
        Ok(Self {
            rule,
            wavelength: wavelength.into(),
            value: Some(value),
            limit,
            unit,
            margin: Some(margin),
            status: match margin {
                margin if margin < 0 => Status::Fail,
                margin if margin < guard => Status::Marginal,
                _ => Status::Pass,
            },
        })
    }

    /// A rule that nothing was measured for.
    pub const fn insufficient(
        rule: &'static str,
        wavelength: Option<u16>,
        limit: i64,
        unit: &'static str,
    ) -> Self {
        Self {
            rule,
            wavelength,
            value: None,
            limit,
            unit,
            margin: None,
            status: Status::Insufficient,
        }
    }

    /// Whether it fails.
    pub fn fails(&self) -> bool {
        self.status == Status::Fail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_band_is_marginal() {
        let of = |value| Outcome::at_most("R", None, value, 100, 10, "mdB").unwrap();
        let statuses = [90, 91, 100, 101].map(|value| of(value).status);
        let expected = [
            Status::Pass,
            Status::Marginal,
            Status::Marginal,
            Status::Fail,
        ];
        assert_eq!(statuses, expected);
        assert_eq!(of(101).margin, Some(-1));
    }

    #[test]
    fn the_worst_outcome_decides() {
        let pass = Outcome::at_most("R", None, 1, 2, 0, "mm").unwrap();
        let fail = Outcome::at_most("R", None, 3, 2, 0, "mm").unwrap();
        let missing = Outcome::insufficient("R", None, 2, "mm");
        assert_eq!(Verdict::of(&[]), Verdict::Accept);
        assert_eq!(Verdict::of(&[pass, missing]), Verdict::Incomplete);
        assert_eq!(Verdict::of(&[missing, fail, pass]), Verdict::Reject);
    }
}
