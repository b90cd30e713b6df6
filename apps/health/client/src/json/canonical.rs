//! One spelling of a JSON document (RFC 8785), so that its hash is that of what it says.
//!
//! Keys stand in the order of their UTF-16 code units, texts have the shortest escapes, and numbers are
//! written as ECMAScript writes the nearest double. It is for documents that are compared by hash, a
//! protocol; records of people keep their own spelling.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{parse, tree::Trouble};

/// The canonical bytes of a document of at most `max` values.
pub(crate) fn canonical(text: &[u8], max: usize) -> Result<Vec<u8>, Trouble> {
    // Depth, number of values, and keys that stand twice are checked here.
    parse(text, max)?;
    let mut out = Vec::with_capacity(text.len());
    let text = std::str::from_utf8(text).map_err(|_| Trouble::Syntax)?;
    value(text.trim(), &mut out)?;
    Ok(out)
}

fn value(text: &str, out: &mut Vec<u8>) -> Result<(), Trouble> {
    let syntax = |_: serde_json::Error| Trouble::Syntax;
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: HashMap<String, &RawValue> = serde_json::from_str(text).map_err(syntax)?;
            let mut members: Vec<(Vec<u16>, String, &RawValue)> = members
                .into_iter()
                .map(|(key, value)| (key.encode_utf16().collect(), key, value))
                .collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            out.push(b'{');
            for (i, (_, key, inner)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                string(key, out);
                out.push(b':');
                value(inner.get(), out)?;
            }
            out.push(b'}');
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(syntax)?;
            out.push(b'[');
            for (i, element) in elements.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                value(element.get(), out)?;
            }
            out.push(b']');
        }
        Some(b'"') => string(serde_json::from_str(text).map_err(syntax)?, out),
        Some(b't' | b'f' | b'n') => out.extend_from_slice(text.as_bytes()),
        _ => {
            let number: f64 = text.parse().map_err(|_| Trouble::Syntax)?;
            if !number.is_finite() {
                return Err(Trouble::Syntax);
            }
            out.extend_from_slice(spell(number).as_bytes());
        }
    }
    Ok(())
}

fn string(text: String, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}

/// A number as ECMAScript writes it (ECMA-262, Number::toString).
fn spell(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    // The fewest digits that tell it from its neighbours, and the exponent of the first.
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or_default());
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or_default());
    let body = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = split(point);
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = split(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let plus = if exponent > 0 { "+" } else { "" };
        format!("{first}{dot}{rest}e{plus}{exponent}")
    };
    format!("{sign}{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        String::from_utf8(canonical(text.as_bytes(), 1000).unwrap()).unwrap()
    }

    /// Examples of RFC 8785, sections 3.2.2 and 3.2.3 and appendix B.
    #[test]
    fn the_examples_of_the_standard() {
        let text = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let expected = "{\"literals\":[null,true,false],\
            \"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(of(text), expected);
        let keys = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        let order: Vec<char> = of(keys)
            .chars()
            .filter(char::is_ascii_digit)
            .skip(1)
            .collect();
        assert_eq!(of(keys).matches(':').count(), 7);
        assert_eq!(order.last(), Some(&'3'), "{}", of(keys));
        for (number, spelt) in [
            (0.0, "0"),
            (-0.0, "0"),
            (5e-324, "5e-324"),
            (-5e-324, "-5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (295_147_905_179_352_830_000.0, "295147905179352830000"),
            (9.999_999_999_999_997e22, "9.999999999999997e+22"),
            (1e21, "1e+21"),
            (999_999_999_999_999_900_000.0, "999999999999999900000"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-1.5, "-1.5"),
        ] {
            assert_eq!(spell(number), spelt);
        }
    }

    #[test]
    fn spelling_does_not_matter_but_what_is_said_does() {
        assert_eq!(of("{\"b\": 1.0, \"a\":[ ]}"), of("{\"a\":[],\"b\":1}"));
        assert_ne!(of("{\"a\":1}"), of("{\"a\":\"1\"}"));
        assert!(canonical(b"{\"a\":1,\"a\":1}", 10).is_err());
        assert!(canonical(b"1e999", 10).is_err());
    }
}
