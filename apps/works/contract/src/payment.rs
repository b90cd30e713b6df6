//! Payment certificates: what a contractor is paid at each valuation.
//!
//! Money is in minor units (cents), quantities in thousandths, progress in permille, cumulative. Every
//! product is rounded half up for itself. At a valuation:
//!
//! ```text
//! gross        Σ amount of the line × progress, + variations approved by then
//! retention    retention × gross, at most cap × contract sum; of it, what completion releases is not held
//! advance      paid with the first certificate, recovered by a share of the gross until it is back
//! damages      per day between the due day (with extensions) and completion, at most cap × contract sum
//! net          gross - retention held + advance - recovered - damages
//! this payment net - what was certified before
//! ```
//!
//! A contract is complete at the first valuation at which every line is, if it says on which day. A gross
//! above the contract sum and its variations cannot be: of no line more is done than all of it.

use crate::{
    limits::{BILL_LINES_MAX, VALUATIONS_MAX, VARIATIONS_MAX},
    number::{Int, Overflow, int},
};

/// All of it, in permille.
pub const WHOLE: i64 = 1000;

/// A line of a bill of quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Thousandths.
    pub quantity: i64,
    /// Minor units.
    pub rate: i64,
}

/// A change of the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// Thousandths; negative where something is left out.
    pub quantity: i64,
    /// Minor units.
    pub rate: i64,
    /// From which valuation on it counts, from one.
    pub from: usize,
    /// Days by which the due day moves.
    pub extension_days: i64,
}

/// Terms of a contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Permille of the gross.
    pub retention: i64,
    /// Permille of the contract sum.
    pub retention_cap: i64,
    /// Permille of what is held, released at completion.
    pub release_at_completion: i64,
    /// Minor units.
    pub damages_per_day: i64,
    /// Permille of the contract sum.
    pub damages_cap: i64,
    /// The day by which it is to be complete.
    pub planned_day: i64,
    /// The day on which it was.
    pub actual_day: Option<i64>,
    /// Permille of the contract sum.
    pub advance: i64,
    /// Permille of the gross.
    pub advance_recovery: i64,
}

/// A certificate, minor units, cumulative but for the last two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// From one.
    pub valuation: usize,
    /// Of the bill's lines.
    pub gross_work: i64,
    /// Of the variations.
    pub variations: i64,
    /// Both.
    pub gross: i64,
    /// Not paid yet.
    pub retention_held: i64,
    /// Paid before anything was done.
    pub advance_paid: i64,
    /// And given back.
    pub advance_recovered: i64,
    /// For delay.
    pub damages: i64,
    /// What all certificates so far come to.
    pub net: i64,
    /// What those before came to.
    pub previous: i64,
    /// The difference.
    pub payment: i64,
}

/// Why nothing is certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpayable {
    /// Too long a list.
    #[error("more than {max} {what} ({limit})")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: usize,
    },
    /// A share that is none.
    #[error("{0} is not between 0 and 1000 permille")]
    Share(&'static str),
    /// A valuation that does not say something of each line.
    #[error("valuation {valuation} has {found} figures for {lines} lines; give one for each")]
    Progress {
        /// Which, from one.
        valuation: usize,
        /// Figures.
        found: usize,
        /// Lines.
        lines: usize,
    },
    /// More than there is.
    #[error(
        "valuation {valuation}: line {line} is {permille} permille done; more than 1000 needs a variation"
    )]
    Over {
        /// Which, from one.
        valuation: usize,
        /// Which, from one.
        line: usize,
        /// What it says.
        permille: i64,
    },
    /// Less than before.
    #[error("valuation {valuation}: line {line} is less done than before; figures are cumulative")]
    Backwards {
        /// Which, from one.
        valuation: usize,
        /// Which, from one.
        line: usize,
    },
    /// A figure that no money has.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// A product by thousandths, rounded half up.
fn share(amount: impl Into<Int>, permille: impl Into<Int>) -> Int {
    (amount.into() * permille + WHOLE / 2).div_floor(WHOLE)
}

impl Line {
    /// Minor units.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn amount(&self) -> Result<i64, Overflow> {
        share(self.quantity, self.rate).get()
    }
}

impl Variation {
    /// Minor units.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn amount(&self) -> Result<i64, Overflow> {
        share(self.quantity, self.rate).get()
    }
}

/// The contract sum.
///
/// # Errors
/// [`Unpayable`].
pub fn contract_sum(bill: &[Line]) -> Result<i64, Unpayable> {
    fits(bill.len(), "lines", "BILL_LINES_MAX", BILL_LINES_MAX)?;
    let mut sum = Int::ZERO;
    for line in bill {
        sum = sum + line.amount()?;
    }
    Ok(sum.get()?)
}

/// All certificates of a contract.
///
/// # Errors
/// [`Unpayable`].
pub fn certify(
    bill: &[Line],
    terms: &Terms,
    variations: &[Variation],
    progress: &[Vec<i64>],
) -> Result<Vec<Certificate>, Unpayable> {
    let (what, limit) = ("variations", "VARIATIONS_MAX");
    fits(variations.len(), what, limit, VARIATIONS_MAX)?;
    let (what, limit) = ("valuations", "VALUATIONS_MAX");
    fits(progress.len(), what, limit, VALUATIONS_MAX)?;
    let sum = contract_sum(bill)?;
    let mut certificates: Vec<Certificate> = Vec::new();
    let mut before: Option<&[i64]> = None;
    for (number, done) in progress.iter().enumerate() {
        let valuation = number.saturating_add(1);
        let approved = variations.iter().filter(|change| change.from <= valuation);
        let (mut amount, mut extension_days) = (Int::ZERO, Int::ZERO);
        for change in approved {
            amount = amount + change.amount()?;
            extension_days = extension_days + change.extension_days;
        }
        let changes = Changes {
            amount: amount.get()?,
            extension_days: extension_days.get()?,
        };
        let earlier = Earlier {
            valuation: number,
            done: before,
            net: certificates.last().map_or(0, |last| last.net),
        };
        certificates.push(value(bill, sum, terms, &changes, &earlier, done)?);
        before = Some(done);
    }
    Ok(certificates)
}

/// What variations that were approved come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Minor units.
    pub amount: i64,
    /// Days by which the due day moves.
    pub extension_days: i64,
}

/// What was certified before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earlier<'a> {
    /// Valuations.
    pub valuation: usize,
    /// Progress of each line, where there was any.
    pub done: Option<&'a [i64]>,
    /// What all came to.
    pub net: i64,
}

/// The next certificate of a contract of this sum.
///
/// # Errors
/// [`Unpayable`].
pub fn value(
    bill: &[Line],
    sum: i64,
    terms: &Terms,
    changes: &Changes,
    earlier: &Earlier<'_>,
    done: &[i64],
) -> Result<Certificate, Unpayable> {
    terms.check()?;
    let valuation = earlier.valuation.saturating_add(1);
    check_progress(bill, valuation, earlier.done, done)?;
    let gross_work = work(bill, done)?;
    let gross = (int(gross_work) + changes.amount).get()?;
    let complete = done.iter().all(|permille| *permille == WHOLE);
    let day = terms.actual_day.filter(|_| complete);
    let retained = share(gross, terms.retention).min(share(sum, terms.retention_cap));
    let retained = retained.max(0);
    let released = match day {
        Some(_) => share(retained, terms.release_at_completion),
        None => Int::ZERO,
    };
    let advance = share(sum, terms.advance);
    let recovered = share(gross, terms.advance_recovery).max(0).min(advance);
    let due = int(terms.planned_day) + changes.extension_days;
    let late = day.map_or(Int::ZERO, |day| int(day) - due);
    let damages = (late.max(0) * terms.damages_per_day).min(share(sum, terms.damages_cap));
    let held = retained - released;
    let net = (int(gross) - held + advance - recovered - damages).get()?;
    Ok(Certificate {
        valuation,
        gross_work,
        variations: changes.amount,
        gross,
        retention_held: held.get()?,
        advance_paid: advance.get()?,
        advance_recovered: recovered.get()?,
        damages: damages.get()?,
        net,
        previous: earlier.net,
        payment: (int(net) - earlier.net).get()?,
    })
}

/// What each of several gets of a payment by its share in permille, and what is left for the first.
///
/// # Errors
/// [`Unpayable`], where the shares come to more than the whole.
pub fn split(payment: i64, shares: &[i64]) -> Result<(i64, Vec<i64>), Unpayable> {
    let mut parts = Vec::new();
    let (mut rest, mut whole) = (int(payment), int(WHOLE));
    for permille in shares {
        whole = whole - *permille;
        let part = (int(payment) * *permille).div_floor(WHOLE);
        rest = rest - part;
        parts.push(part.get()?);
    }
    let left: i64 = whole.get()?;
    if left < 0 || shares.iter().any(|permille| *permille < 0) {
        return Err(Unpayable::Share("the sum of all shares"));
    }
    Ok((rest.get()?, parts))
}

impl Terms {
    fn check(&self) -> Result<(), Unpayable> {
        let shares = [
            ("retention", self.retention),
            ("the cap of retention", self.retention_cap),
            ("the release at completion", self.release_at_completion),
            ("the cap of damages", self.damages_cap),
            ("the advance", self.advance),
            ("the recovery of the advance", self.advance_recovery),
        ];
        for (name, share) in shares {
            if !(0..=WHOLE).contains(&share) {
                return Err(Unpayable::Share(name));
            }
        }
        if self.damages_per_day < 0 {
            return Err(Unpayable::Overflow(Overflow));
        }
        Ok(())
    }
}

fn work(bill: &[Line], done: &[i64]) -> Result<i64, Overflow> {
    let mut gross = Int::ZERO;
    for (line, permille) in bill.iter().zip(done) {
        gross = gross + share(line.amount()?, *permille);
    }
    gross.get()
}

fn check_progress(
    bill: &[Line],
    valuation: usize,
    before: Option<&[i64]>,
    done: &[i64],
) -> Result<(), Unpayable> {
    if done.len() != bill.len() {
        return Err(Unpayable::Progress {
            valuation,
            found: done.len(),
            lines: bill.len(),
        });
    }
    for (number, permille) in done.iter().enumerate() {
        let line = number.saturating_add(1);
        if !(0..=WHOLE).contains(permille) {
            return Err(Unpayable::Over {
                valuation,
                line,
                permille: *permille,
            });
        }
        if before.and_then(|before| before.get(number)) > Some(permille) {
            return Err(Unpayable::Backwards { valuation, line });
        }
    }
    Ok(())
}

const fn fits(
    count: usize,
    what: &'static str,
    limit: &'static str,
    max: usize,
) -> Result<(), Unpayable> {
    if count > max {
        return Err(Unpayable::TooMany { what, limit, max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILL: [Line; 2] = [
        Line {
            quantity: 1_000,
            rate: 100_001,
        },
        Line {
            quantity: 1_500,
            rate: 333,
        },
    ];

    fn terms() -> Terms {
        Terms {
            retention: 50,
            retention_cap: 1000,
            release_at_completion: 500,
            damages_per_day: 10,
            damages_cap: 100,
            planned_day: 10,
            ..Terms::default()
        }
    }

    #[test]
    fn a_line_is_rounded_half_up() {
        assert_eq!(BILL[1].amount(), Ok(500));
        assert_eq!(contract_sum(&BILL), Ok(100_501));
    }

    #[test]
    fn an_extension_takes_damages_away() {
        let late = Terms {
            actual_day: Some(15),
            ..terms()
        };
        let done = [vec![1000, 1000]];
        let change = |days| Variation {
            quantity: 1_000,
            rate: 7,
            from: 1,
            extension_days: days,
        };
        let damages = |days| certify(&BILL, &late, &[change(days)], &done).unwrap()[0].damages;
        assert_eq!([damages(0), damages(3), damages(9)], [50, 20, 0]);
    }

    #[test]
    fn nothing_is_released_before_completion() {
        let of = |actual_day, done: Vec<i64>| {
            let terms = Terms {
                actual_day,
                ..terms()
            };
            certify(&BILL, &terms, &[], &[done]).unwrap()[0].retention_held
        };
        assert_eq!(of(Some(10), vec![1000, 1000]), 2512);
        assert_eq!(of(Some(10), vec![1000, 999]), 5025);
        assert_eq!(of(None, vec![1000, 1000]), 5025);
    }

    #[test]
    fn progress_is_of_each_line_and_goes_forward() {
        let refused = |progress: &[Vec<i64>]| certify(&BILL, &terms(), &[], progress).unwrap_err();
        assert!(matches!(refused(&[vec![1]]), Unpayable::Progress { .. }));
        assert!(matches!(refused(&[vec![1, 1001]]), Unpayable::Over { .. }));
        let back = [vec![5, 5], vec![5, 4]];
        assert!(matches!(refused(&back), Unpayable::Backwards { .. }));
    }

    #[test]
    fn subcontractors_get_their_shares_and_nothing_is_lost() {
        assert_eq!(split(1001, &[333, 333]), Ok((335, vec![333, 333])));
        assert!(split(1000, &[600, 500]).is_err());
        assert!(split(1000, &[-1]).is_err());
    }
}
