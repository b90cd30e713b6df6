//! What a reading says.

use core::{fmt, str::FromStr};

use alloy_primitives::B256;

use crate::{
    error::ReadingError,
    id::DeviceId,
    limits::{
        ADAPTER_BYTES_MAX, EXPONENT_MAX, NONCE_BYTES_MAX, NONCE_BYTES_MIN, PACK_RECORDS_MAX,
        RECORD_NAME_BYTES_MAX, TIME_MS_MAX, UNIT_BYTES_MAX, VALUE_BYTES_MAX,
    },
};

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;

/// The day of an instant: days since 1970 of milliseconds since 1970.
pub fn day_of(ms: u64) -> u32 {
    u32::try_from(ms / DAY_MS).unwrap_or(u32::MAX)
}

/// What a device signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Larger with each reading of a device, from 1 on. No two readings of a device have the same.
    pub counter: u64,
    /// When it was taken, by the device's clock: milliseconds since 1970.
    pub time: u64,
    /// What was measured: 1 to [`PACK_RECORDS_MAX`] records.
    pub pack: Vec<Record>,
    /// What an order asked to be signed along, so that the reading was made after it.
    pub nonce: Option<Vec<u8>>,
    /// Where it comes from, in a reading that a gateway signed for a source that cannot.
    pub origin: Option<Origin>,
}

/// One value: a SenML record (RFC 8428), resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What was measured, in SenML's alphabet: letters, digits, `- : . / _`, a letter or digit first.
    pub name: String,
    /// In what unit.
    pub unit: Option<String>,
    /// The value.
    pub value: Value,
    /// When, as seconds after the reading's time (before it, where negative).
    pub offset: i32,
}

/// A value that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `mantissa` times ten to the power of `exponent`. Never rounded.
    Number {
        /// The digits.
        mantissa: i64,
        /// The power of ten, -18 to 18; 0 for an integer.
        exponent: i8,
    },
    /// Text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Data(Vec<u8>),
}

/// Where a reading comes from that a gateway signed for a source that cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What read the original message: `senml`, `tasmota`, `shelly`.
    pub adapter: String,
    /// The source.
    pub source: DeviceId,
    /// SHA-256 of the original message.
    pub original: B256,
}

impl Value {
    /// An integer.
    pub const fn integer(value: i64) -> Self {
        Self::Number {
            mantissa: value,
            exponent: 0,
        }
    }
}

/// A number from its decimal form, as JSON writes it: `-12`, `21.50`, `6.0e-3`. Exactly, and with as
/// many digits as are written.
impl FromStr for Value {
    type Err = ReadingError;
    fn from_str(text: &str) -> Result<Self, ReadingError> {
        let wrong =
            || ReadingError::malformed("number", "a decimal number of up to 18 digits is expected");
        let (digits, power) = match text.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i16>().map_err(|_| wrong())?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let bare_point = digits.contains('.') && fraction.is_empty();
        if whole.is_empty() || bare_point || !plain(whole) || !plain(fraction) {
            return Err(wrong());
        }
        let magnitude: i64 = [whole, fraction].concat().parse().map_err(|_| wrong())?;
        let places = i16::try_from(fraction.len()).map_err(|_| wrong())?;
        let exponent = power.checked_sub(places).ok_or_else(wrong)?;
        let exponent = i8::try_from(exponent).map_err(|_| wrong())?;
        if !(-EXPONENT_MAX..=EXPONENT_MAX).contains(&exponent) {
            return Err(wrong());
        }
        Ok(Self::Number {
            mantissa: if negative { -magnitude } else { magnitude },
            exponent,
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { mantissa, exponent } => number(f, *mantissa, *exponent),
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Data(data) => write!(f, "{}", alloy_primitives::hex::encode_prefixed(data)),
        }
    }
}

/// A number in decimal form, with all its digits.
fn number(f: &mut fmt::Formatter<'_>, mantissa: i64, exponent: i8) -> fmt::Result {
    let digits = mantissa.unsigned_abs().to_string();
    if mantissa < 0 {
        f.write_str("-")?;
    }
    let places = usize::from(exponent.unsigned_abs());
    match exponent {
        0 => f.write_str(&digits),
        1.. => write!(f, "{digits}e{exponent}"),
        _ => {
            let padded = format!("{digits:0>width$}", width = places.saturating_add(1));
            let (whole, fraction) = padded.split_at(padded.len().saturating_sub(places));
            write!(f, "{whole}.{fraction}")
        }
    }
}

impl Reading {
    /// Whether everything is within its limits.
    ///
    /// # Errors
    /// [`ReadingError::Malformed`] or [`ReadingError::TooMuch`], naming what is wrong.
    pub fn check(&self) -> Result<(), ReadingError> {
        if self.counter == 0 {
            return Err(ReadingError::malformed("counter", "counters begin at 1"));
        }
        if self.time > TIME_MS_MAX {
            return Err(ReadingError::malformed(
                "time",
                "it is after the year 9999: milliseconds since 1970 are expected",
            ));
        }
        if self.pack.is_empty() {
            return Err(ReadingError::malformed(
                "pack",
                "at least one record is expected",
            ));
        }
        ReadingError::bound(
            "a pack (records)",
            self.pack.len(),
            PACK_RECORDS_MAX,
            "PACK_RECORDS_MAX",
        )?;
        self.pack.iter().try_for_each(Record::check)?;
        if let Some(nonce) = &self.nonce
            && !(NONCE_BYTES_MIN..=NONCE_BYTES_MAX).contains(&nonce.len())
        {
            return Err(ReadingError::malformed(
                "nonce",
                "8 to 64 bytes are expected",
            ));
        }
        self.origin.as_ref().map_or(Ok(()), Origin::check)
    }
}

impl Record {
    fn check(&self) -> Result<(), ReadingError> {
        ReadingError::bound(
            "a record's name (bytes)",
            self.name.len(),
            RECORD_NAME_BYTES_MAX,
            "RECORD_NAME_BYTES_MAX",
        )?;
        let mut bytes = self.name.bytes();
        let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric());
        if !first || !bytes.all(|b| b.is_ascii_alphanumeric() || b"-:./_".contains(&b)) {
            return Err(ReadingError::malformed(
                "record's name",
                "letters, digits and - : . / _ are expected, a letter or digit first",
            ));
        }
        if let Some(unit) = &self.unit {
            ReadingError::bound(
                "a unit (bytes)",
                unit.len(),
                UNIT_BYTES_MAX,
                "UNIT_BYTES_MAX",
            )?;
            if unit.is_empty() || unit.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return Err(ReadingError::malformed(
                    "unit",
                    "a word without spaces is expected; leave it out where there is none",
                ));
            }
        }
        self.value.check()
    }
}

impl Value {
    fn check(&self) -> Result<(), ReadingError> {
        match self {
            Self::Number { exponent, .. } => {
                if !(-EXPONENT_MAX..=EXPONENT_MAX).contains(exponent) {
                    return Err(ReadingError::malformed(
                        "number",
                        "its exponent is beyond 18",
                    ));
                }
                Ok(())
            }
            Self::Text(text) => bound_value(text.len()),
            Self::Data(data) => bound_value(data.len()),
            Self::Flag(_) => Ok(()),
        }
    }
}

fn bound_value(bytes: usize) -> Result<(), ReadingError> {
    ReadingError::bound("a value (bytes)", bytes, VALUE_BYTES_MAX, "VALUE_BYTES_MAX")
}

impl Origin {
    fn check(&self) -> Result<(), ReadingError> {
        ReadingError::bound(
            "an adapter's name (bytes)",
            self.adapter.len(),
            ADAPTER_BYTES_MAX,
            "ADAPTER_BYTES_MAX",
        )?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.adapter.is_empty() || !self.adapter.bytes().all(plain) {
            return Err(ReadingError::malformed(
                "adapter's name",
                "small letters, digits and - are expected",
            ));
        }
        Ok(())
    }
}
