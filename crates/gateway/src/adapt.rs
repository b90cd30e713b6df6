//! Messages of sources that cannot sign, as records.
//!
//! Numbers are taken over as they are written, never by way of floating point. Units are those of the
//! SenML registry ([`units`]). Where a source states the time, the reading has it; where not, it has the
//! time at which it came, and says so.

mod decimal;
mod json;
mod senml;
mod shelly;
mod tasmota;
mod time;
pub mod units;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use commonhold_reading::Record;

use crate::{config::AdapterKind, limits::MESSAGE_BYTES_MAX, refusal::Refusal};

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When it was measured, in milliseconds since 1970, where the source states it.
    pub time: Option<u64>,
    /// What was measured; offsets are from `time`.
    pub records: Vec<Record>,
}

/// What is known of a message besides its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// What comes in the topic after the source's name.
    pub tail: &'a str,
    /// When it came, in milliseconds since 1970.
    pub received: u64,
    /// Minutes by which the source's local time is ahead of UTC.
    pub utc_offset_minutes: i32,
    /// Units that values must have.
    pub units: &'a BTreeMap<String, String>,
}

/// Reads a message. `None`: it is one of the source's that says no value.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Unit`], [`Refusal::TooLarge`].
pub fn read(
    kind: AdapterKind,
    payload: &[u8],
    around: &Around<'_>,
) -> Result<Option<Said>, Refusal> {
    if payload.len() > MESSAGE_BYTES_MAX {
        let why = format!(
            "{} bytes exceed MESSAGE_BYTES_MAX ({MESSAGE_BYTES_MAX})",
            payload.len()
        );
        return Err(Refusal::TooLarge(why));
    }
    let text = core::str::from_utf8(payload).map_err(|_| malformed("not UTF-8"))?;
    let said = match kind {
        AdapterKind::Senml => Some(senml::read(text, around)?),
        AdapterKind::Tasmota => tasmota::read(text, around)?,
        AdapterKind::Shelly => shelly::read(text, around)?,
        AdapterKind::Signed => return Err(malformed("a signed reading is expected")),
    };
    if let Some(said) = &said {
        said.records
            .iter()
            .try_for_each(|record| units::check(record, around.units))?;
    }
    Ok(said)
}

/// The adapter's name in a reading's origin.
pub const fn name(kind: AdapterKind) -> &'static str {
    match kind {
        AdapterKind::Signed => "signed",
        AdapterKind::Senml => "senml",
        AdapterKind::Tasmota => "tasmota",
        AdapterKind::Shelly => "shelly",
    }
}

fn malformed(why: impl ToString) -> Refusal {
    Refusal::Malformed(why.to_string())
}

/// A name in SenML's alphabet: what is not in it becomes `_`.
fn plain_name(parts: &[&str]) -> String {
    let plain = |c: char| {
        let known = c.is_ascii_alphanumeric() || "-:._/".contains(c);
        if known { c } else { '_' }
    };
    parts.join("/").chars().map(plain).collect()
}
