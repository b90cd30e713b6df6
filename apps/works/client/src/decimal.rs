//! Decimal numbers as they stand in files, read into integers without rounding where there is room.

/// Digits after the point that an exponent may move it by.
const EXPONENT_MAX: i32 = 60;

/// A decimal number times ten to the `places`, rounded half away from zero; `None` where it is no number or
/// has no room.
pub(crate) fn scaled(text: &str, places: i32) -> Option<i128> {
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
    if shift.abs() > EXPONENT_MAX && digits().any(|c| c != '0') {
        // Too small to be anything, or too large to be a number.
        return (shift < 0 && part.len() < 60).then_some(0);
    }
    for digit in digits() {
        let digit = i128::from(digit.to_digit(10)?);
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    while shift > 0 && value != 0 {
        value = value.checked_mul(10)?;
        shift -= 1;
    }
    if shift < 0 {
        let divisor = 10_i128.checked_pow(shift.unsigned_abs());
        value = match divisor {
            Some(divisor) => value.checked_add(divisor / 2)? / divisor,
            None => 0,
        };
    }
    Some(if negative { -value } else { value })
}

/// As [`scaled`], for smaller numbers.
pub(crate) fn small(text: &str, places: i32) -> Option<i64> {
    scaled(text, places).and_then(|value| i64::try_from(value).ok())
}

/// A number of a bill, which people write with spaces, apostrophes or commas between thousands.
pub(crate) fn written(text: &str, places: i32) -> Option<i64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\'')
        .collect();
    let plain = plain.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-' && c != '.');
    let plain = match (plain.rfind(','), plain.rfind('.')) {
        // The last of the two is the point; a lone comma before other than three digits is one.
        (Some(comma), Some(point)) if comma > point => plain.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => plain.replace(',', ""),
        (Some(comma), None) => {
            let groups = plain.matches(',').count();
            if groups == 1 && plain.len() - comma != 4 {
                plain.replace(',', ".")
            } else {
                plain.replace(',', "")
            }
        }
        _ => plain.to_owned(),
    };
    small(&plain, places)
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

    #[test]
    fn bills_are_read_as_people_write_them() {
        let read = |text| written(text, 2);
        assert_eq!(read("185000.00"), Some(18_500_000));
        assert_eq!(read("185,000.00"), Some(18_500_000));
        assert_eq!(read("185.000,00"), Some(18_500_000));
        assert_eq!(read("12,45"), Some(1245));
        assert_eq!(read("1,245"), Some(124_500));
        assert_eq!(read("CNY 89.2"), Some(8920));
        assert_eq!(read("-2.5"), Some(-250));
        assert_eq!(read("by agreement"), None);
    }
}
