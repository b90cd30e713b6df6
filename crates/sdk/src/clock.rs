//! How far a node's clock is from this machine's.
//!
//! A node tells its time in `/health`. Half of what the question and its answer took on their way is
//! the most by which the time can be off when it gets here; of a few looks the quickest counts.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::{client::Client, error::SdkError};

/// How often the node is asked: the first time also pays for the connection.
const LOOKS: usize = 4;

/// A node's clock, seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Milliseconds that it is ahead of this machine's clock; behind, where negative.
    pub ahead_ms: i64,
    /// By how many milliseconds that may be wrong.
    pub within_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    time_ms: u64,
}

impl Clock {
    /// A clock that showed `shown_ms` between `asked_ms` and `took` later on this machine's.
    fn seen(shown_ms: u64, asked_ms: u64, took: Duration) -> Self {
        let half = millis(took / 2);
        let then = asked_ms.saturating_add(half);
        let apart = i64::try_from(shown_ms.abs_diff(then)).unwrap_or(i64::MAX);
        Self {
            ahead_ms: if shown_ms < then { -apart } else { apart },
            // What is cut off a millisecond counts on either side.
            within_ms: half.saturating_add(1),
        }
    }
}

/// This machine's time, in milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, millis)
}

impl Client {
    /// How far the node's clock is from this machine's, whether or not the node is in step with its
    /// network.
    ///
    /// # Errors
    /// [`SdkError::Unavailable`] where it does not answer, or does not tell its time.
    pub fn clock(&self) -> Result<Clock, SdkError> {
        let mut best = self.look_at_clock()?;
        for _ in 1..LOOKS {
            let next = self.look_at_clock()?;
            if next.within_ms < best.within_ms {
                best = next;
            }
        }
        Ok(best)
    }

    fn look_at_clock(&self) -> Result<Clock, SdkError> {
        let asked = now_ms();
        let began = Instant::now();
        let (_, body) = self.node().look("/health")?;
        let took = began.elapsed();
        let health: Health = serde_json::from_slice(&body)
            .map_err(|_| self.node().unavailable("it does not tell its time"))?;
        Ok(Clock::seen(health.time_ms, asked, took))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_way_counts() {
        let seen = |shown, took| Clock::seen(shown, 10_000, Duration::from_millis(took));
        let clock = |ahead_ms, within_ms| Clock {
            ahead_ms,
            within_ms,
        };
        assert_eq!(seen(10_050, 100), clock(0, 51));
        assert_eq!(seen(13_001, 2), clock(3_000, 2));
        assert_eq!(seen(7_000, 0), clock(-3_000, 1));
        assert_eq!(seen(0, 0), clock(-10_000, 1));
        assert_eq!(seen(u64::MAX, 0), clock(i64::MAX, 1));
    }
}
