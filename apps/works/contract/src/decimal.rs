//! Decimal numbers as they stand in files, read into integers without rounding where there is room.

use crate::number::int;

/// Digits after the point that an exponent may move it by.
const EXPONENT_MAX: u32 = 60;

/// A decimal number times ten to the `places`, rounded half away from zero; `None` where it is no number or
/// has no room.
pub fn scaled(text: &str, places: i32) -> Option<i128> {
    let text = text.trim();
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let negative = number.starts_with('-');
    let number = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = || whole.chars().chain(part.chars());
    if digits().next().is_none() || !digits().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let mut value: i128 = 0;
    let mut shift = places.checked_add(exponent)?;
    shift = shift.checked_sub(i32::try_from(part.len()).ok()?)?;
    if shift.unsigned_abs() > EXPONENT_MAX && digits().any(|c| c != '0') {
        // Too small to be anything, or too large to be a number.
        return (shift < 0 && part.len() < 60).then_some(0);
    }
    for digit in digits() {
        let digit = i128::from(digit.to_digit(10)?);
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    if value == 0 {
        return Some(0);
    }
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    let value = if shift >= 0 {
        value.checked_mul(power?)?
    } else {
        match power {
            Some(power) => int(value).div_round(power).get().ok()?,
            None => 0,
        }
    };
    if negative {
        value.checked_neg()
    } else {
        Some(value)
    }
}

/// As [`scaled`], for smaller numbers.
pub fn small(text: &str, places: i32) -> Option<i64> {
    scaled(text, places).and_then(|value| i64::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_they_stand() {
        assert_eq!(scaled("-0.067684517179", 12), Some(-67_684_517_179));
        assert_eq!(scaled("85.8499999975", 12), Some(85_849_999_997_500));
        assert_eq!(scaled("1.5e-3", 6), Some(1500));
        assert_eq!(scaled("2E3", 0), Some(2000));
        assert_eq!(scaled("0.0005", 3), Some(1));
        assert_eq!(scaled("-21.2803", 2), Some(-2128));
        assert_eq!(scaled("0", 12), Some(0));
        for wrong in ["", ".", "-", "1.2.3", "1,5", "nan", "0x10", "1e", "1e99"] {
            assert_eq!(scaled(wrong, 3), None, "{wrong}");
        }
        assert_eq!(scaled("1e-99", 3), Some(0));
    }
}
