//! Decimal text, exactly: no floating point stands between a file and a whole number of watt-hours.

/// Digits that a number may have.
const DIGITS_MAX: usize = 24;

/// A number as it was written: `digits * 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// Reads `-12.5e3` and the like; `None` for anything else, and for more digits than are kept.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(part) {
            return None;
        }
        let part = part.trim_end_matches('0');
        let all = [whole, part].concat();
        if all.trim_start_matches('0').len() > DIGITS_MAX || all.len() > 2 * DIGITS_MAX {
            return None;
        }
        let digits: i128 = match all.trim_start_matches('0') {
            "" => 0,
            digits => digits.parse().ok()?,
        };
        let places = i32::try_from(part.len()).ok()?;
        Some(Self {
            digits: if negative {
                digits.checked_neg()?
            } else {
                digits
            },
            exponent: i32::from(exponent).checked_sub(places)?,
        })
    }

    /// Times ten to the power of `power`.
    pub(crate) fn shift(self, power: i32) -> Option<Self> {
        let exponent = self.exponent.checked_add(power)?;
        Some(Self { exponent, ..self })
    }

    /// The whole number that it is; `None` where it is none, or is too large.
    pub(crate) fn whole(self) -> Option<i64> {
        let (floor, exact) = self.floor()?;
        exact.then_some(floor)
    }

    /// The next whole number below, or it itself; and whether it is that number.
    pub(crate) fn floor(self) -> Option<(i64, bool)> {
        if self.digits == 0 {
            return Some((0, true));
        }
        let power = self.exponent.unsigned_abs();
        let scale = 10i128.checked_pow(power);
        let (floor, exact) = if self.exponent >= 0 {
            (self.digits.checked_mul(scale?)?, true)
        } else {
            match scale {
                Some(scale) => (
                    self.digits.checked_div_euclid(scale)?,
                    self.digits.checked_rem_euclid(scale)? == 0,
                ),
                // Less than any digit that is kept.
                None => (if self.digits < 0 { -1 } else { 0 }, false),
            }
        };
        Some((i64::try_from(floor).ok()?, exact))
    }

    /// The next whole number above, or it itself.
    pub(crate) fn ceiling(self) -> Option<i64> {
        match self.floor()? {
            (floor, true) => Some(floor),
            (floor, false) => floor.checked_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(text: &str) -> Option<(i64, bool)> {
        Decimal::parse(text)?.floor()
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!(floor("12"), Some((12, true)));
        assert_eq!(floor("-12.50"), Some((-13, false)));
        assert_eq!(floor("1.00002"), Some((1, false)));
        assert_eq!(floor("966.0"), Some((966, true)));
        assert_eq!(floor("1.5e3"), Some((1_500, true)));
        assert_eq!(floor("0e999"), Some((0, true)));
        assert_eq!(floor("-1e-99"), Some((-1, false)));
        assert_eq!(Decimal::parse("1.2").unwrap().ceiling(), Some(2));
        let cents = Decimal::parse("1.00002").unwrap().shift(4).unwrap();
        assert_eq!(
            (cents.floor(), cents.ceiling()),
            (Some((10_000, false)), Some(10_001))
        );
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e",
            "0x1",
            "NaN",
            "Infinity",
            "1_000",
            "1,5",
            " 1",
            "1e99999",
            "99999999999999999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text:?}");
        }
        assert_eq!(floor("1e30"), None);
    }
}
