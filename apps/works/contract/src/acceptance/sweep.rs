//! A sweep of an antenna line: how much comes back, over the licensed band.
//!
//! Return loss is compared in hundredths of a dB, as limits say it. Where a file gives decibels they are
//! taken; where it gives a magnitude or two parts, the square of the magnitude is turned into decibels by
//! integers: log2 by squaring, 40 binary places.

use super::Verdict;
use crate::number::{Int, Overflow, int};

/// One, as magnitudes are counted: twelve decimal places.
pub const UNIT: i128 = 1_000_000_000_000;
/// 10 × log10(2), by 10^16.
const TEN_LOG_TWO: i128 = 30_102_999_566_398_120;
/// Points that a sweep has at least.
const POINTS_MIN: usize = 100;
/// Binary places of a logarithm.
const PLACES: u32 = 40;

/// What comes back at one frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Millihertz.
    pub millihertz: i64,
    /// Return loss in 1e-8 dB; none where nothing comes back at all.
    pub return_loss: Option<i64>,
}

/// Limits of a sweep, hundredths of a dB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepLimits {
    /// At least this is accepted.
    pub accept: i64,
    /// Less than this is rejected.
    pub reject: i64,
    /// The licensed band in millihertz, where the design says.
    pub band: Option<(i64, i64)>,
}

/// Return loss of a magnitude's square, which is counted in [`UNIT`]²; in 1e-8 dB, to the nearest.
///
/// # Errors
/// [`Overflow`].
pub fn return_loss(square: i128) -> Result<Option<i64>, Overflow> {
    if square == 0 {
        return Ok(None);
    }
    let square = u128::try_from(square).map_err(|_| Overflow)?;
    // 20 log10(UNIT) is 240 dB.
    let level = int(log2(square)) * TEN_LOG_TWO;
    let level = level.div_round(int(100_000_000) * (1_i64 << PLACES));
    (int(24_000_000_000_i64) - level).get().map(Some)
}

/// log2 by 2^[`PLACES`], rounded down.
fn log2(number: u128) -> i64 {
    let whole = number.checked_ilog2().unwrap_or_default();
    // The number as one and 62 binary places.
    let mut rest = if whole > 62 {
        number >> whole.saturating_sub(62)
    } else {
        number << 62_u32.saturating_sub(whole)
    };
    let mut log = i64::from(whole);
    for _ in 0..PLACES {
        rest = rest.saturating_mul(rest) >> 62;
        log = log.saturating_mul(2);
        if rest >> 63 != 0 {
            rest >>= 1;
            log = log.saturating_add(1);
        }
    }
    log
}

/// The point at which the most comes back, and the one at which the least does; the first where several do.
pub fn extremes(points: &[Point]) -> Option<(&Point, &Point)> {
    let loss = |point: &&Point| point.return_loss.unwrap_or(i64::MAX);
    let worst = points.iter().min_by_key(loss)?;
    let best = points.iter().rev().max_by_key(loss)?;
    Some((worst, best))
}

/// What RADIO-1 says of a sweep.
///
/// # Errors
/// [`Overflow`].
pub fn judge(points: &[Point], limits: &SweepLimits) -> Result<Verdict, Overflow> {
    let Some((worst, _)) = extremes(points) else {
        return Ok(Verdict::Reject);
    };
    let covered = limits.band.is_none_or(|(from, to)| {
        let frequencies = || points.iter().map(|point| point.millihertz);
        frequencies().min() <= Some(from) && frequencies().max() >= Some(to)
    });
    if points.len() < POINTS_MIN || !covered {
        return Ok(Verdict::Reject);
    }
    let over = |limit: i64| -> Result<bool, Overflow> {
        let Some(loss) = worst.return_loss else {
            return Ok(true);
        };
        Ok((int(loss) - int(limit) * 1_000_000).get::<i64>()? >= 0)
    };
    Ok(if over(limits.accept)? {
        Verdict::Accept
    } else if over(limits.reject)? {
        Verdict::Review
    } else {
        Verdict::Reject
    })
}

/// Cosine of hundredths of a degree up to a right angle, by 10^18.
pub(super) fn cosine(hundredths: i64) -> Int {
    // π / 18000, by 10^18.
    let turn = int(174_532_925_199_433_i64);
    let x = turn * hundredths;
    let one = int(10_i128.pow(18));
    let square = (x * x).div_round(one);
    let (mut sum, mut term) = (one, one);
    for step in 1..16_i64 {
        let divisor = (int(step) * 2) * (int(step) * 2 - 1);
        term = -(term * square).div_round(one * divisor);
        sum = sum + term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(magnitude: i128) -> i64 {
        return_loss(magnitude * magnitude).unwrap().unwrap()
    }

    #[test]
    fn return_loss_is_twenty_logarithms() {
        assert_eq!(loss(UNIT), 0);
        assert_eq!(loss(UNIT / 10), 2_000_000_000);
        assert_eq!(loss(217_328_000_000), 1_325_768_633);
        assert_eq!(loss(500_000_000_000), 602_059_991);
        assert_eq!(loss(1), 24_000_000_000);
        assert_eq!(return_loss(0), Ok(None));
        assert_eq!(return_loss(-1), Err(Overflow));
    }

    #[test]
    fn cosines_are_right_to_twelve_places() {
        let of = |hundredths| cosine(hundredths).div_round(1_000_000).get::<i64>();
        assert_eq!(of(0), Ok(1_000_000_000_000));
        assert_eq!(of(6_000), Ok(500_000_000_000));
        assert_eq!(of(9_000), Ok(0));
        assert_eq!(of(4_500), Ok(707_106_781_187));
    }

    #[test]
    fn few_points_or_a_part_of_the_band_are_no_sweep() {
        let limits = SweepLimits {
            accept: 1770,
            reject: 1400,
            band: Some((100, 199)),
        };
        let point = |millihertz| Point {
            millihertz,
            return_loss: Some(1_770_000_000),
        };
        let sweep: Vec<_> = (100..200).map(point).collect();
        assert_eq!(judge(&sweep, &limits), Ok(Verdict::Accept));
        assert_eq!(judge(&sweep[1..], &limits), Ok(Verdict::Reject));
        let wider = SweepLimits {
            band: Some((99, 199)),
            ..limits
        };
        assert_eq!(judge(&sweep, &wider), Ok(Verdict::Reject));
        assert_eq!(judge(&[], &limits), Ok(Verdict::Reject));
    }
}
