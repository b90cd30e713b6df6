//! The rules of devices, streams and shares: values in, answer out.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_reading::{Algorithm, DAY_MS, DeviceKey};

use super::{interface::IDevices::Standing, limits::FUTURE_SECONDS_MAX};
use crate::records::interface::IRecords::Access;

/// The id of a stream: `keccak256(abi.encode("stream", chainid, owner, name))`.
pub fn stream_id(chain_id: u64, owner: Address, name: &str) -> B256 {
    keccak256(("stream", U256::from(chain_id), owner, name).abi_encode_params())
}

/// What a device's entry says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When it was enrolled.
    pub enrolled_at: u64,
    /// When it was revoked; none where it was not.
    pub revoked_at: Option<u64>,
    /// Until just before when its calibration holds; zero: not stated.
    pub calibrated_until: u64,
}

impl Life {
    /// What stands against the device at the time `at`: the gravest first.
    pub const fn standing(&self, at: u64) -> Standing {
        if at < self.enrolled_at {
            return Standing::Unknown;
        }
        match self.revoked_at {
            Some(revoked_at) if at >= revoked_at => Standing::Revoked,
            _ if self.calibrated_until != 0 && at >= self.calibrated_until => {
                Standing::PastCalibration
            }
            _ => Standing::Good,
        }
    }
}

/// What a share allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from_day: u32,
    /// The day after the last; zero: for ever.
    pub until_day: u32,
    /// Whether it was taken back.
    pub revoked: bool,
}

impl Window {
    /// What the share says of a day.
    pub const fn answer(&self, day: u32) -> Access {
        if self.revoked {
            Access::Revoked
        } else if day < self.from_day || (self.until_day != 0 && day >= self.until_day) {
            Access::NoGrant
        } else {
            Access::Granted
        }
    }
}

/// Whether times of a batch, in milliseconds, are in order and of the day.
pub const fn is_of_day(day: u32, from: u64, to: u64) -> bool {
    from <= to && from.div_euclid(DAY_MS) == day as u64 && to.div_euclid(DAY_MS) == day as u64
}

/// Whether a time in milliseconds is not too far ahead of the block's, in seconds.
pub const fn is_plausible(to: u64, now: u64) -> bool {
    to <= now.saturating_add(FUTURE_SECONDS_MAX).saturating_mul(1_000)
}

/// A key as it is stored: the first byte of a key of 33 bytes, and the rest.
pub fn packed(key: &DeviceKey) -> Option<(u8, B256)> {
    match key.bytes() {
        [head, rest @ ..] if rest.len() == 32 => Some((*head, B256::from_slice(rest))),
        bytes => Some((0, B256::from(<[u8; 32]>::try_from(bytes).ok()?))),
    }
}

/// The bytes of a stored key.
pub fn unpacked(algorithm: u8, head: u8, key: B256, name: &str) -> Vec<u8> {
    match Algorithm::from_number(algorithm) {
        Ok(Algorithm::Unsigned) => [key.as_slice(), name.as_bytes()].concat(),
        Ok(Algorithm::P256 | Algorithm::Secp256k1) => [&[head], key.as_slice()].concat(),
        Ok(Algorithm::Ed25519) | Err(_) => key.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_counts() {
        let life = Life {
            enrolled_at: 10,
            revoked_at: Some(30),
            calibrated_until: 20,
        };
        for (at, standing) in [
            (9, Standing::Unknown),
            (10, Standing::Good),
            (19, Standing::Good),
            (20, Standing::PastCalibration),
            (29, Standing::PastCalibration),
            (30, Standing::Revoked),
            (u64::MAX, Standing::Revoked),
        ] {
            assert_eq!(life.standing(at), standing, "at {at}");
        }
        assert_eq!(Life::default().standing(u64::MAX), Standing::Good);
    }

    #[test]
    fn a_window_includes_its_first_day_and_not_its_last() {
        let window = Window {
            from_day: 5,
            until_day: 7,
            revoked: false,
        };
        for (day, answer) in [
            (4, Access::NoGrant),
            (5, Access::Granted),
            (6, Access::Granted),
            (7, Access::NoGrant),
        ] {
            assert_eq!(window.answer(day), answer, "day {day}");
            let revoked = Window {
                revoked: true,
                ..window
            };
            assert_eq!(revoked.answer(day), Access::Revoked);
        }
        assert_eq!(Window::default().answer(u32::MAX), Access::Granted);
    }

    #[test]
    fn a_batch_is_of_one_day() {
        let noon = 3 * DAY_MS + DAY_MS / 2;
        for (day, from, to, good) in [
            (3, 3 * DAY_MS, 4 * DAY_MS - 1, true),
            (3, noon, noon, true),
            (3, noon, noon - 1, false),
            (3, 3 * DAY_MS - 1, noon, false),
            (3, noon, 4 * DAY_MS, false),
            (4, noon, noon, false),
        ] {
            assert_eq!(is_of_day(day, from, to), good, "{day}: {from} to {to}");
        }
        assert!(is_plausible(4_600_000, 1_000));
        assert!(!is_plausible(4_600_001, 1_000));
        assert!(is_plausible(u64::MAX, u64::MAX));
    }
}
