//! Tasmota's telemetry (`tele/DEVICE/SENSOR`): every number of every sensor, `ENERGY/Power` by name.
//!
//! `Time` is the device's local time without a zone: [`Around::utc_offset_minutes`] says how far it is
//! ahead of UTC. In the hour in which clocks are set back two messages can state the same time.
//! Temperatures in Fahrenheit are refused: they cannot be converted exactly, and no unit of the registry
//! means them.

use commonhold_reading::Record;

use super::{
    Around, Said,
    json::{Json, Object, parse, value},
    plain_name, time,
};
use crate::refusal::Refusal;

/// Units of values by their names.
const UNITS: &[(&str, &str)] = &[
    ("Total", "kWh"),
    ("Yesterday", "kWh"),
    ("Today", "kWh"),
    ("ExportActive", "kWh"),
    ("Period", "Wh"),
    ("Power", "W"),
    ("ApparentPower", "VA"),
    ("ReactivePower", "var"),
    ("Factor", "/"),
    ("Voltage", "V"),
    ("Current", "A"),
    ("Frequency", "Hz"),
    ("Temperature", "Cel"),
    ("DewPoint", "Cel"),
    ("Humidity", "%RH"),
    ("Illuminance", "lx"),
    ("CarbonDioxide", "ppm"),
];

/// Reads a message. `None` where no sensor says anything.
pub(super) fn read(message: &str, around: &Around<'_>) -> Result<Option<Said>, Refusal> {
    let object: Object<'_> = parse(message)?;
    let at = match object.get("Time").map(|raw| value(raw)).transpose()? {
        Some(Json::Text(text)) => Some(time::written(&text, around.utc_offset_minutes)?),
        _ => None,
    };
    let unit_of = |key: &str| match object.get(key).map(|raw| value(raw)) {
        Some(Ok(Json::Text(text))) => Some(text),
        _ => None,
    };
    let temperature = unit_of("TempUnit");
    let pressure = unit_of("PressureUnit");
    let unit = |key: &str| -> Option<String> {
        let fixed = UNITS.iter().find(|(name, _)| *name == key);
        match (key, fixed) {
            ("Temperature" | "DewPoint", _) if temperature.as_deref() == Some("F") => {
                Some("degF".to_owned())
            }
            ("Pressure" | "SeaPressure", _) => pressure.clone(),
            (_, fixed) => fixed.map(|(_, unit)| (*unit).to_owned()),
        }
    };
    let mut records = Vec::new();
    for (sensor, raw) in &object {
        let Json::Object(fields) = value(raw)? else {
            continue;
        };
        for (key, raw) in &fields {
            match value(raw)? {
                Json::Number(number) => records.push(Record {
                    name: plain_name(&[sensor, key]),
                    unit: unit(key),
                    value: number.value(),
                    offset: 0,
                }),
                // One value for each phase.
                Json::Array(phases) => {
                    for (place, raw) in (1u32..).zip(phases) {
                        if let Json::Number(number) = value(raw)? {
                            records.push(Record {
                                name: plain_name(&[sensor, key, &place.to_string()]),
                                unit: unit(key),
                                value: number.value(),
                                offset: 0,
                            });
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok((!records.is_empty()).then_some(Said { time: at, records }))
}
