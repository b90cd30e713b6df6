//! How fast a client may send: so many readings a second, and a burst after it was silent.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

const MICROS: u64 = 1_000_000;

/// A bucket that fills with time.
#[derive(Debug)]
pub struct Rate {
    per_second: u64,
    /// Millionths of readings.
    full: u64,
    /// What is in it, less what is owed, and when that was.
    state: Mutex<(u64, u64, Instant)>,
}

impl Rate {
    /// `per_second` in the long run, `burst` at once.
    pub fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        let full = u64::from(burst).saturating_mul(MICROS);
        Self {
            per_second: per_second.into(),
            full,
            state: Mutex::new((full, 0, now)),
        }
    }

    /// Takes `count` readings. Where there is not enough, nothing is taken.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, count: u32, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock();
        let (left, owed) = self.filled(*state, now);
        // More than a full bucket is never asked for at once.
        let wanted = u64::from(count).saturating_mul(MICROS).min(self.full);
        let lack = wanted.saturating_add(owed).saturating_sub(left);
        *state = (left, owed, now);
        if lack > 0 {
            return Err(self.time_of(lack));
        }
        *state = (left.saturating_sub(wanted), 0, now);
        Ok(())
    }

    /// Takes one reading, whether or not it is there, and says for how long nothing more is to be taken.
    pub fn owe(&self, now: Instant) -> Duration {
        let mut state = self.state.lock();
        let (left, owed) = self.filled(*state, now);
        let owed = owed.saturating_add(MICROS);
        let paid = left.min(owed);
        let (left, owed) = (left.saturating_sub(paid), owed.saturating_sub(paid));
        *state = (left, owed, now);
        self.time_of(owed)
    }

    const fn time_of(&self, amount: u64) -> Duration {
        let per_second = if self.per_second == 0 {
            1
        } else {
            self.per_second
        };
        Duration::from_micros(amount.div_ceil(per_second))
    }

    /// What is in it by now, and what is owed.
    fn filled(&self, (left, owed, at): (u64, u64, Instant), now: Instant) -> (u64, u64) {
        let passed = now.saturating_duration_since(at).as_micros();
        let more = u64::try_from(passed)
            .unwrap_or(u64::MAX)
            .saturating_mul(self.per_second);
        let left = left.saturating_add(more);
        let paid = left.min(owed);
        let left = left.saturating_sub(paid).min(self.full);
        (left, owed.saturating_sub(paid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_so_many_a_second() {
        let start = Instant::now();
        let rate = Rate::new(10, 3, start);
        for _ in 0..3 {
            assert_eq!(rate.take(1, start), Ok(()));
        }
        let wait = rate.take(1, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        assert_eq!(rate.take(1, start + wait), Ok(()));
        assert!(rate.take(1, start + wait).is_err());
        // Whatever the silence, there is one burst.
        let later = start + Duration::from_secs(1_000);
        assert_eq!(rate.take(3, later), Ok(()));
        assert!(rate.take(1, later).is_err());
    }

    #[test]
    fn what_is_owed_is_waited_for() {
        let start = Instant::now();
        let rate = Rate::new(10, 1, start);
        assert_eq!(rate.owe(start), Duration::ZERO);
        assert_eq!(rate.owe(start), Duration::from_millis(100));
        assert_eq!(rate.owe(start), Duration::from_millis(200));
        assert!(rate.take(1, start + Duration::from_millis(200)).is_err());
        assert_eq!(rate.take(1, start + Duration::from_millis(300)), Ok(()));
    }
}
