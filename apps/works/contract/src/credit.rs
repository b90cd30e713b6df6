//! CS-1: what a party's dealings say of it, in integers, from facts alone.
//!
//! An event is a fact that another part of the law states; nobody rates anybody. Its weight is
//! `w = base × vf × verification`, with `vf = clamp(1 + floor(log2(1 + value / 1,000,000)), 1, 8)`. Events
//! are summed in buckets of one dimension, one counterparty (all of one beneficial owner) and one epoch of
//! thirty days, so that their order is of no matter. At epoch `E`:
//!
//! ```text
//! W_g    = (Σ W[b] × F[E-b]) >> 20          likewise WO_g of w × outcome; half-life 18 epochs
//! mean_g = WO_g / W_g                        Wd_g = min(8U, isqrt(W_g × U) × credibility / 1000)
//! m_d    = (K × 7000 + Σ Wd_g × mean_g) / (K + Σ Wd_g)             U = 100,000, K = 3U
//! score  = Σ ω_d × m_d / 10,000              score_micro = Σ ω_d × m_d / 10
//! coverage = Σ ω_d × min(Σ Wd, 10U) / 10U
//! ```
//!
//! All divisions round down. Events with a counterparty of the subject's own beneficial owner weigh nothing;
//! only final ones count. A grade is given from a coverage of 300 and three counterparties that weigh a tenth
//! of `U`. Proven forgery caps the score at 400 for 24 epochs, an unpaid award at 500 until it is paid.

mod outcomes;
mod score;
mod table;

pub use outcomes::{closure, dispute, notice, payment, quality, timeliness};
pub use score::{Bucket, Dimension, Group, Score, effects, score, score_of};
pub use table::DECAY;

/// Seconds of an epoch.
pub const EPOCH_SECONDS: u64 = 2_592_000;
/// A full event.
pub const UNIT: u64 = 100_000;
/// What everybody starts from, in basis points.
pub const PRIOR_MEAN: u64 = 7_000;
/// How much that weighs.
pub const PRIOR_WEIGHT: u64 = 300_000;
/// What one counterparty weighs at most in a dimension.
pub const GROUP_WEIGHT_MAX: u64 = 800_000;
/// Permille that a counterparty counts of whom nothing is known.
pub const CREDIBILITY_UNKNOWN: u32 = 400;
/// Epochs for which proven forgery is remembered.
pub const FORGERY_EPOCHS: u64 = 24;
/// What a score is at most after proven forgery.
pub const FORGERY_CAP: u64 = 400;
/// What a score is at most while an award is unpaid.
pub const UNPAID_CAP: u64 = 500;

/// What somebody is scored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Contractors, subcontractors, suppliers.
    Executor,
    /// Who pays.
    Owner,
    /// Who inspects.
    Supervisor,
}

/// A dimension of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Its letter.
    pub name: &'static str,
    /// Permille of the score.
    pub omega: u64,
    /// What one of its events weighs.
    pub base: u64,
}

const fn weight(name: &'static str, omega: u64, base: u64) -> Weight {
    Weight { name, omega, base }
}

impl Role {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Executor => "EXEC",
            Self::Owner => "OWNER",
            Self::Supervisor => "SUPV",
        }
    }

    /// The role of a name.
    pub fn named(name: &str) -> Option<Self> {
        let roles = [Self::Executor, Self::Owner, Self::Supervisor];
        roles.into_iter().find(|role| role.name() == name)
    }

    /// Its dimensions.
    pub const fn dimensions(self) -> &'static [Weight] {
        match self {
            // In time; at the first try; defects closed; notices answered; pays; disputes.
            Self::Executor => {
                &const {
                    [
                        weight("T", 250, 100),
                        weight("Q", 300, 100),
                        weight("D", 150, 60),
                        weight("N", 100, 30),
                        weight("P", 150, 80),
                        weight("L", 50, 100),
                    ]
                }
            }
            // Pays; certifies and answers; settles variations; disputes.
            Self::Owner => {
                &const {
                    [
                        weight("P", 500, 100),
                        weight("C", 250, 60),
                        weight("V", 100, 60),
                        weight("L", 150, 100),
                    ]
                }
            }
            // Inspects in time; is not overturned; agrees with re-tests.
            Self::Supervisor => {
                &const {
                    [
                        weight("I", 400, 60),
                        weight("O", 400, 100),
                        weight("A", 200, 100),
                    ]
                }
            }
        }
    }
}

/// A fact about the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its number.
    pub id: u64,
    /// Which of the role's dimensions.
    pub dimension: usize,
    /// The counterparty's beneficial owner.
    pub group: &'a str,
    /// Basis points.
    pub outcome: u16,
    /// Minor units.
    pub value: u64,
    /// 0 said by the subject alone, 1 by one counterparty, 2 by both or a supervisor, 3 by a device's
    /// signature and a rule.
    pub verification: u8,
    /// Seconds since 1970.
    pub time: u64,
    /// Whether it counts: it is final.
    pub counts: bool,
}

/// What caps a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Evidence was forged.
    Forgery {
        /// Seconds since 1970.
        time: u64,
    },
    /// A final award is not paid.
    UnpaidAward {
        /// Seconds since 1970.
        time: u64,
        /// When it was, seconds since 1970.
        cleared: Option<u64>,
    },
}

/// The epoch of a time.
pub const fn epoch(time: u64) -> u64 {
    time.wrapping_div(EPOCH_SECONDS)
}

impl Flag {
    /// What a score is at most in an epoch.
    pub fn cap(&self, now: u64) -> Option<u64> {
        match *self {
            Self::Forgery { time } => {
                let since = now.checked_sub(epoch(time));
                let remembered = since.is_some_and(|since| since < FORGERY_EPOCHS);
                remembered.then_some(FORGERY_CAP)
            }
            Self::UnpaidAward { time, cleared } => {
                let unpaid = cleared.is_none_or(|cleared| epoch(cleared) > now);
                (epoch(time) <= now && unpaid).then_some(UNPAID_CAP)
            }
        }
    }
}

/// How much a counterparty's word counts, permille, by its own score an epoch before; `None` where it is not
/// rated.
pub fn credibility(score: Option<u64>) -> u32 {
    let Some(score) = score else {
        return CREDIBILITY_UNKNOWN;
    };
    // 250 + (S - 600) × 750 / 300 in 250..=1000; scores under 600 give the least.
    let over = score.saturating_sub(600).min(300);
    let more = over.saturating_mul(750).wrapping_div(300);
    u32::try_from(more.saturating_add(250)).unwrap_or(1_000)
}

/// A grade: `NR` where too little is known.
pub const fn grade(score: u64, coverage: u64, counterparties: usize) -> &'static str {
    if coverage < 300 || counterparties < 3 {
        return "NR";
    }
    match score {
        900.. => "AAA",
        850.. => "AA",
        800.. => "A",
        700.. => "B",
        600.. => "C",
        _ => "D",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credibility_grows_with_the_score() {
        let of = |score| credibility(Some(score));
        assert_eq!(
            [of(0), of(600), of(756), of(900), of(1000)],
            [250, 250, 640, 1000, 1000]
        );
        assert_eq!(credibility(None), 400);
    }

    #[test]
    fn flags_cap_for_as_long_as_they_say() {
        let forged = Flag::Forgery {
            time: 100 * EPOCH_SECONDS,
        };
        let caps = [99, 100, 123, 124].map(|now| forged.cap(now));
        assert_eq!(caps, [None, Some(400), Some(400), None]);
        let unpaid = |cleared| Flag::UnpaidAward {
            time: 100 * EPOCH_SECONDS,
            cleared,
        };
        assert_eq!(unpaid(None).cap(500), Some(500));
        assert_eq!(unpaid(Some(105 * EPOCH_SECONDS)).cap(104), Some(500));
        assert_eq!(unpaid(Some(105 * EPOCH_SECONDS)).cap(105), None);
    }

    #[test]
    fn every_role_is_weighed_whole() {
        for role in [Role::Executor, Role::Owner, Role::Supervisor] {
            let whole: u64 = role.dimensions().iter().map(|d| d.omega).sum();
            assert_eq!(whole, 1000);
            assert_eq!(Role::named(role.name()), Some(role));
        }
    }
}
