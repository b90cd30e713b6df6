//! The units of the SenML registry (RFC 8428, RFC 8798 and what was registered since), as far as sources
//! of readings have use for them. Only they are taken from sources that cannot sign.

use std::collections::BTreeMap;

use commonhold_reading::{Record, Value};

use crate::refusal::Refusal;

/// Primary and secondary units, in byte order.
const UNITS: &[&str] = &[
    "%", "%EL", "%RH", "/", "/100", "/1000", "A", "A/m", "Ah", "B", "B/s", "Bq", "Bspl", "C",
    "Cel", "EL", "F", "GB", "Gy", "H", "Hz", "J", "J/m", "K", "KiB", "MB/s", "MHz", "Mbit/s", "N",
    "Ohm", "Pa", "S", "S/m", "Sv", "T", "V", "VA", "VAs", "W", "W/m2", "Wb", "Wh", "Wh/km",
    "beat/min", "beats", "bit", "bit/s", "cd", "cd/m2", "cm", "count", "dB", "dBW", "dBm", "deg",
    "g", "h", "hPa", "kVA", "kVAh", "kW", "kWh", "kat", "kg", "kg/m3", "km", "km/h", "kvar",
    "kvarh", "l", "lat", "lm", "lon", "lx", "m", "m/h", "m/s", "m/s2", "m2", "m3", "m3/s", "mA",
    "mV", "min", "mm", "mm/h", "mol", "mol/m3", "ms", "pH", "ppm", "rad", "s", "sr", "ug/m3",
    "var", "varh", "vars",
];

/// Whether the registry has a unit.
pub fn is_unit(unit: &str) -> bool {
    UNITS.contains(&unit)
}

/// Checks that a record's unit is one of the registry, and the one that `wanted` has for its name.
///
/// # Errors
/// [`Refusal::Unit`].
pub fn check(record: &Record, wanted: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if let Some(unit) = &record.unit
        && !is_unit(unit)
    {
        return Err(Refusal::Unit(format!(
            "{unit:.32} is not in the SenML registry"
        )));
    }
    let Some(wanted) = wanted.get(&record.name) else {
        return Ok(());
    };
    let number = matches!(record.value, Value::Number { .. });
    if !number || record.unit.as_ref() != Some(wanted) {
        let have = record.unit.as_deref().unwrap_or("none");
        return Err(Refusal::Unit(format!(
            "{} comes in {have:.32}, not in {wanted}",
            record.name
        )));
    }
    Ok(())
}
