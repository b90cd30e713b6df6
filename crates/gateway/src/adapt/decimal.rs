//! Exact arithmetic on decimal numbers.

use commonhold_reading::{Value, limits::EXPONENT_MAX};

use super::malformed;
use crate::refusal::Refusal;

/// `mantissa` times ten to the power of `exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: i64,
    exponent: i8,
}

impl Decimal {
    pub(super) const ZERO: Self = Self {
        mantissa: 0,
        exponent: 0,
    };

    /// A number as JSON writes it.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        match text.parse::<Value>() {
            Ok(Value::Number { mantissa, exponent }) => Ok(Self { mantissa, exponent }),
            _ => Err(malformed(format_args!(
                "{text:.40} is no number that can be kept exactly"
            ))),
        }
    }

    pub(super) const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub(super) const fn value(self) -> Value {
        Value::Number {
            mantissa: self.mantissa,
            exponent: self.exponent,
        }
    }

    /// The digits at a smaller power of ten.
    fn at(self, exponent: i8) -> Option<i128> {
        let up = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        i128::from(self.mantissa).checked_mul(10i128.checked_pow(up)?)
    }

    fn of(mantissa: i128, exponent: i8) -> Option<Self> {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        while i64::try_from(mantissa).is_err() && mantissa % 10 == 0 && exponent < EXPONENT_MAX {
            (mantissa, exponent) = (mantissa / 10, exponent.checked_add(1)?);
        }
        Some(Self {
            mantissa: i64::try_from(mantissa).ok()?,
            exponent,
        })
    }

    pub(super) fn plus(self, other: Self) -> Result<Self, Refusal> {
        if other.is_zero() {
            return Ok(self);
        }
        if self.is_zero() {
            return Ok(other);
        }
        let exponent = self.exponent.min(other.exponent);
        let sum = || {
            Self::of(
                self.at(exponent)?.checked_add(other.at(exponent)?)?,
                exponent,
            )
        };
        sum().ok_or_else(|| malformed("a sum has too many digits"))
    }

    pub(super) fn times(self, factor: i64) -> Result<Self, Refusal> {
        let product = || {
            Self::of(
                i128::from(self.mantissa).checked_mul(factor.into())?,
                self.exponent,
            )
        };
        product().ok_or_else(|| malformed("a product has too many digits"))
    }

    /// Seconds as milliseconds; what is less than one is cut off.
    pub(super) fn milliseconds(self) -> Result<i64, Refusal> {
        let ms = || {
            let exponent = i32::from(self.exponent).checked_add(3)?;
            let power = 10i128.checked_pow(exponent.unsigned_abs())?;
            let digits = i128::from(self.mantissa);
            let ms = if exponent < 0 {
                digits.div_euclid(power)
            } else {
                digits.checked_mul(power)?
            };
            i64::try_from(ms).ok()
        };
        ms().ok_or_else(|| malformed("a time is out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(d("0.1").plus(d("0.2")).unwrap().value().to_string(), "0.3");
        assert_eq!(
            d("21.50").plus(d("-1")).unwrap().value().to_string(),
            "20.50"
        );
        assert_eq!(d("1e3").plus(d("1")).unwrap().value().to_string(), "1001");
        assert_eq!(d("12.5").times(60).unwrap().value().to_string(), "750.0");
        assert!(d("9223372036854775807").plus(d("1")).is_err());
        assert!(d("1e18").plus(d("1e-18")).is_err());
    }

    #[test]
    fn seconds_become_milliseconds() {
        for (text, ms) in [
            ("1735689600", 1_735_689_600_000),
            ("1.276020076001e+09", 1_276_020_076_001),
            ("1700000000.12", 1_700_000_000_120),
            ("-0.0005", -1),
            ("-5", -5_000),
        ] {
            assert_eq!(d(text).milliseconds().unwrap(), ms, "{text}");
        }
        assert!(d("1e18").milliseconds().is_err());
    }
}
