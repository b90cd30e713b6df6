//! Amounts of money as people write them: `12.5` is twelve and a half tokens. Exact: no amount passes
//! through a floating point number, and what cannot be told in whole units is refused.

use alloy_primitives::U256;
use commonhold_system::token::DECIMALS;

use crate::error::SdkError;

/// Units of one token.
pub fn one_token() -> U256 {
    U256::from(10).pow(U256::from(DECIMALS))
}

/// Reads an amount: digits, and after a point up to nine more.
///
/// # Errors
/// [`SdkError::Usage`] says what is wrong with the text.
pub fn parse(text: &str) -> Result<U256, SdkError> {
    let wrong = |why: &str| SdkError::Usage(format!("{text:?} is no amount: {why}"));
    let (whole, part) = match text.split_once('.') {
        Some((_, "")) => return Err(wrong("nothing follows the point")),
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return Err(wrong("write it like 12 or 12.5"));
    }
    let places = usize::from(DECIMALS);
    if part.len() > places {
        return Err(wrong(&format!("it has more than {places} decimal places")));
    }
    let units = format!("{whole}{part:0<places$}");
    U256::from_str_radix(&units, 10).map_err(|_| wrong("it is more than can be counted"))
}

/// Writes an amount of units, without zeros at the end of its decimal places.
pub fn show(units: U256) -> String {
    let (whole, rest) = units.div_rem(one_token());
    if rest.is_zero() {
        return whole.to_string();
    }
    let places = usize::from(DECIMALS);
    let part = format!("{rest:0>places$}");
    format!("{whole}.{}", part.trim_end_matches('0'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let cases = [
            ("0", 0u64),
            ("1", 1_000_000_000),
            ("12.5", 12_500_000_000),
            ("0.000000001", 1),
            ("0.10", 100_000_000),
            ("007.000000070", 7_000_000_070),
            ("18446744073.709551615", u64::MAX),
        ];
        for (text, units) in cases {
            assert_eq!(parse(text).unwrap(), U256::from(units), "{text}");
        }
        for units in [
            0u64,
            1,
            999_999_999,
            1_000_000_000,
            12_500_000_000,
            u64::MAX,
        ] {
            let units = U256::from(units);
            assert_eq!(parse(&show(units)).unwrap(), units);
        }
        assert_eq!(show(U256::from(12_500_000_000u64)), "12.5");
        assert_eq!(show(U256::from(1)), "0.000000001");
        assert_eq!(show(U256::from(100_000_000_000u64)), "100");
        assert_eq!(parse(&show(U256::MAX)).unwrap(), U256::MAX);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let beyond = format!("{}0", show(U256::MAX).split('.').next().unwrap());
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1,5",
            "1 000",
            "1_000",
            "0x10",
            "1.2.3",
            "0.0000000001",
            "1.0000000000",
            "\u{661}",
            &beyond,
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.to_string().contains("is no amount"),
                "{text}: {error}"
            );
        }
    }
}
