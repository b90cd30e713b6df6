//! The clocks of contracts: what has to be said or answered by when, to the second of the ledger's time.
//!
//! A [`Profile`] says how long a party may wait before it gives notice (a bar: after it the right is lost),
//! before it gives the details, and before the other side answers; and what silence means then. A clock that
//! is stopped in time stays in time. An extension moves what is due.

/// Seconds of a day.
const DAY: u64 = 86_400;

/// What silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// What was asked for is given.
    Accepts,
    /// What was asked for is refused.
    Rejects,
    /// It goes to who stands above.
    Escalates,
}

/// How long things may take, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// From when somebody knows to their notice; after that there is none.
    pub notice_bar_days: Option<u32>,
    /// From when somebody knows to the details of a claim.
    pub detail_days: Option<u32>,
    /// From a notice to its answer.
    pub reply_days: u32,
    /// From a quotation's request to the quotation.
    pub quotation_days: Option<u32>,
    /// From an application for payment to its certificate.
    pub certificate_days: u32,
    /// From an application for payment to the money.
    pub payment_days: u32,
    /// What silence means.
    pub silence: Silence,
}

/// NEC4: compensation events are notified within eight weeks (61.3) and answered within one (61.4);
/// quotations take three weeks.
pub const NEC4: Profile = Profile {
    notice_bar_days: Some(56),
    detail_days: None,
    reply_days: 7,
    quotation_days: Some(21),
    certificate_days: 7,
    payment_days: 21,
    silence: Silence::Escalates,
};

/// FIDIC 2017: notice of a claim within 28 days, its details within 84 (20.2), a determination within 42;
/// certificates within 28 days, payment within 56.
pub const FIDIC: Profile = Profile {
    notice_bar_days: Some(28),
    detail_days: Some(84),
    reply_days: 42,
    quotation_days: None,
    certificate_days: 28,
    payment_days: 56,
    silence: Silence::Rejects,
};

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing has happened, and may.
    Running {
        /// Until when, seconds since 1970.
        due: u64,
    },
    /// It happened in time.
    InTime,
    /// It happened too late.
    Late {
        /// Seconds.
        by: u64,
    },
    /// It did not happen.
    Overdue {
        /// Seconds.
        by: u64,
    },
}

/// When something is due that has so many days; the last second counts.
pub fn due(from: u64, days: u32) -> u64 {
    from.saturating_add(u64::from(days).saturating_mul(DAY))
}

/// When something is due after an extension.
pub fn extended(due: u64, days: u32) -> u64 {
    self::due(due, days)
}

/// Where a clock stands now, that runs to `due` and that something stopped, if it did.
pub const fn standing(due: u64, stopped: Option<u64>, now: u64) -> Standing {
    match stopped {
        Some(stopped) if stopped <= due => Standing::InTime,
        Some(stopped) => Standing::Late {
            by: stopped.saturating_sub(due),
        },
        None if now <= due => Standing::Running { due },
        None => Standing::Overdue {
            by: now.saturating_sub(due),
        },
    }
}

impl Profile {
    /// Whether a notice that is given now comes after the bar.
    pub fn is_barred(&self, aware: u64, now: u64) -> bool {
        let bar = self.notice_bar_days.map(|days| due(aware, days));
        bar.is_some_and(|bar| now > bar)
    }

    /// What silence on a notice means now, where it means anything yet.
    pub fn silence_now(&self, given: u64, now: u64) -> Option<Silence> {
        (now > due(given, self.reply_days)).then_some(self.silence)
    }
}

/// When a notice counts as received: when it is acknowledged, otherwise so many days after it was delivered.
pub fn received(delivered: u64, acknowledged: Option<u64>, deemed_days: u32) -> u64 {
    let deemed = due(delivered, deemed_days);
    acknowledged.map_or(deemed, |acknowledged| acknowledged.min(deemed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_790_000_000;

    #[test]
    fn bars_fall_at_their_very_second() {
        let eight_weeks = START + 8 * 7 * 86_400;
        assert!(!NEC4.is_barred(START, eight_weeks));
        assert!(NEC4.is_barred(START, eight_weeks + 1));
        let four_weeks = START + 28 * 86_400;
        assert!(!FIDIC.is_barred(START, four_weeks));
        assert!(FIDIC.is_barred(START, four_weeks + 1));
    }

    #[test]
    fn silence_means_what_the_contract_says() {
        let week = START + 7 * 86_400;
        assert_eq!(NEC4.silence_now(START, week), None);
        assert_eq!(NEC4.silence_now(START, week + 1), Some(Silence::Escalates));
        let six_weeks = START + 42 * 86_400;
        assert_eq!(FIDIC.silence_now(START, six_weeks), None);
        let after = FIDIC.silence_now(START, six_weeks + 1);
        assert_eq!(after, Some(Silence::Rejects));
    }

    #[test]
    fn an_extension_makes_late_work_timely() {
        let planned = due(START, 10);
        let done = Some(due(START, 12));
        let late = Standing::Late { by: 2 * 86_400 };
        assert_eq!(standing(planned, done, u64::MAX), late);
        let moved = extended(planned, 2);
        assert_eq!(standing(moved, done, u64::MAX), Standing::InTime);
        assert_eq!(
            standing(planned, None, START),
            Standing::Running { due: planned }
        );
        let overdue = Standing::Overdue { by: 1 };
        assert_eq!(standing(planned, None, planned + 1), overdue);
    }

    #[test]
    fn nobody_makes_a_notice_later_by_not_acknowledging_it() {
        assert_eq!(received(START, None, 2), due(START, 2));
        assert_eq!(received(START, Some(START + 5), 2), START + 5);
        assert_eq!(received(START, Some(due(START, 9)), 2), due(START, 2));
    }
}
