//! What a device is to sign, as people and programs write it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use commonhold_reading::{Record, Value};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::SdkError;

/// A resolved SenML record in JSON (RFC 8428), without base fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    n: String,
    u: Option<String>,
    /// As it is written: a number must not go through floating point.
    v: Option<Box<RawValue>>,
    vs: Option<String>,
    vb: Option<bool>,
    vd: Option<String>,
    #[serde(default)]
    t: i32,
}

/// Records from SenML JSON: `[{"n": "power", "u": "W", "v": 230.5}]`. Every record has its whole name, no
/// base fields, and a time, where it has one, in whole seconds after the reading's. Numbers keep all
/// their digits.
///
/// # Errors
/// [`SdkError::Usage`] where it is not such a list.
pub fn pack_from_json(json: &[u8]) -> Result<Vec<Record>, SdkError> {
    let wrong = |why: String| SdkError::Usage(format!("not a resolved SenML pack: {why}"));
    let written: Vec<Written> = serde_json::from_slice(json).map_err(|e| wrong(e.to_string()))?;
    let record = |w: Written| {
        let value = match (w.v, w.vs, w.vb, w.vd) {
            (Some(number), None, None, None) => number.get().parse()?,
            (None, Some(text), None, None) => Value::Text(text),
            (None, None, Some(flag), None) => Value::Flag(flag),
            (None, None, None, Some(data)) => {
                let data = URL_SAFE_NO_PAD.decode(data.trim_end_matches('='));
                Value::Data(data.map_err(|e| wrong(format!("{}: {e}", w.n)))?)
            }
            _ => return Err(wrong(format!("{} must have one of v, vs, vb, vd", w.n))),
        };
        Ok(Record {
            name: w.n,
            unit: w.u,
            value,
            offset: w.t,
        })
    };
    written.into_iter().map(record).collect()
}

/// A record from words: `power=230.5,W`, `door=true`, `firmware=1.2.0`. What reads as a number is one,
/// then `true` and `false`, and anything else is text; a unit comes after a comma, behind a number.
///
/// # Errors
/// [`SdkError::Usage`] where there is no `=`.
pub fn record_from_words(words: &str) -> Result<Record, SdkError> {
    let (name, value) = words.split_once('=').ok_or_else(|| {
        SdkError::Usage(format!(
            "{words:?} is no reading: write NAME=VALUE or NAME=VALUE,UNIT"
        ))
    })?;
    let (unit, value) = match value.split_once(',') {
        Some((number, unit)) if number.parse::<Value>().is_ok() => {
            (Some(unit.to_owned()), number.parse()?)
        }
        _ => match value {
            "true" => (None, Value::Flag(true)),
            "false" => (None, Value::Flag(false)),
            text => (
                None,
                text.parse()
                    .unwrap_or_else(|_| Value::Text(text.to_owned())),
            ),
        },
    };
    Ok(Record {
        name: name.to_owned(),
        unit,
        value,
        offset: 0,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn number(mantissa: i64, exponent: i8) -> Value {
        Value::Number { mantissa, exponent }
    }

    #[test]
    fn json_is_read_without_rounding() {
        let pack = pack_from_json(
            br#"[{"n":"a","u":"W","v":230.50},{"n":"b","v":12345678901234567e-2,"t":-5},
                {"n":"c","vs":"on"},{"n":"d","vb":true},{"n":"e","vd":"3q0"}]"#,
        )
        .unwrap();
        let values: Vec<_> = pack.iter().map(|r| r.value.clone()).collect();
        assert_eq!(
            values,
            [
                number(23_050, -2),
                number(12_345_678_901_234_567, -2),
                Value::Text("on".to_owned()),
                Value::Flag(true),
                Value::Data(vec![0xde, 0xad]),
            ]
        );
        assert_eq!((pack[0].unit.as_deref(), pack[1].offset), (Some("W"), -5));
    }

    #[test]
    fn other_json_is_refused() {
        for json in [
            "{}",
            r#"[{"v":1}]"#,
            r#"[{"n":"a"}]"#,
            r#"[{"n":"a","v":1,"vs":"x"}]"#,
            r#"[{"n":"a","v":"1"}]"#,
            r#"[{"bn":"x","n":"a","v":1}]"#,
            r#"[{"n":"a","v":1,"t":0.5}]"#,
            r#"[{"n":"a","vd":"!"}]"#,
            r#"[{"n":"a","v":123456789012345678901}]"#,
        ] {
            assert!(pack_from_json(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn words_are_read_as_people_mean_them() {
        for (words, name, unit, value) in [
            ("power=230.5,W", "power", Some("W"), number(2_305, -1)),
            ("count=-7", "count", None, number(-7, 0)),
            ("door=true", "door", None, Value::Flag(true)),
            ("text=a,b", "text", None, Value::Text("a,b".to_owned())),
            ("fw=1.2.0", "fw", None, Value::Text("1.2.0".to_owned())),
        ] {
            let record = record_from_words(words).unwrap();
            let found = (record.name.as_str(), record.unit.as_deref(), record.value);
            assert_eq!(found, (name, unit, value), "{words}");
        }
        assert!(record_from_words("power").is_err());
    }
}
