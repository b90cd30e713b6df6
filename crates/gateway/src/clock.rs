//! The time, which the simulator makes up.

use std::time::{Duration, Instant};

use commonhold_sdk::clock::now_ms;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970, by the machine's clock, which somebody may set.
    fn now_ms(&self) -> u64;

    /// What has passed since some moment, the same one for the life of the process. It never goes back.
    fn passed(&self) -> Duration;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn passed(&self) -> Duration {
        self.0.elapsed()
    }
}
