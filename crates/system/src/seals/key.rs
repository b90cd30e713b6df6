//! The rule: which bytes open a time.

use commonhold_primitives::opening_key::{opens, time_identity};

/// Whether `opening_key` opens what is sealed to `time`, in seconds since 1970, under `seal_key`.
pub fn opens_time(seal_key: &[u8], time: u64, opening_key: &[u8]) -> bool {
    opens(seal_key, &time_identity(time), opening_key)
}
