//! What stands in a trace, by the names of the expected files.

use commonhold_works_contract::{
    number::Overflow,
    sor::{Event, Sor, SorError, parse},
    trace::{Derived, Tolerance, derive},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{hex, text};
use crate::table::{table, thousandths};

/// What is read of a file.
pub struct Parsed {
    /// By the names of the expected files.
    pub data: Value,
    /// For people.
    pub text: String,
    /// Why it cannot be read, where it cannot.
    pub error: Option<SorError>,
}

/// Reads a file.
///
/// # Errors
/// [`Overflow`], where a figure in it is no measurement's.
pub fn read(name: &str, bytes: &[u8]) -> Result<Parsed, Overflow> {
    let mut data = json!({
        "file": name,
        "size": bytes.len(),
        "sha256": hex(&Sha256::digest(bytes)),
    });
    let (more, text, error) = match parse(bytes) {
        Ok(sor) => {
            let derived = derive(&sor, &Tolerance::default())?;
            (whole(&sor, &derived)?, report(name, &sor, &derived)?, None)
        }
        Err(error) => {
            let format = if bytes.starts_with(b"Map\0") { 2 } else { 1 };
            let more = json!({
                "format": format,
                "expect": "PARSE_ERROR",
                "error": error.to_string(),
            });
            (more, format!("{name}: PARSE_ERROR: {error}"), Some(error))
        }
    };
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    Ok(Parsed { data, text, error })
}

fn whole(sor: &Sor<'_>, derived: &Derived) -> Result<Value, Overflow> {
    let mut events = Vec::new();
    for row in &sor.events {
        events.push(event(sor, row)?);
    }
    let before = sor.events.iter().take_while(|event| !event.is_end());
    let before: i64 = before.map(|event| i64::from(event.loss)).sum();
    let (end, rule) = match sor.events.iter().find(|event| event.is_end()) {
        Some(end) => (Some(end), "first event whose code[1]==\"E\""),
        None => (sor.events.last(), "last event"),
    };
    let blocks = sor
        .blocks
        .iter()
        .map(|block| json!({ "name": text(block.name), "size": block.size }));
    let checksum = sor.checksum.map(|checksum| {
        json!({
            "stored": checksum.stored,
            "crc16_ccitt_false_over_all_preceding_bytes": checksum.computed,
            "match": checksum.matches(),
        })
    });
    let end_mm = end.map(|end| sor.distance_mm(end.time)).transpose()?;
    Ok(json!({
        "format": sor.format,
        "checksum": checksum,
        "datapts": {
            "n_points": sor.samples.len(),
            "traces": sor.samples.traces,
            "scale_factor": sor.samples.scale,
            "sha256_of_le_u16_samples": hex(&sor.samples.digest()),
            "first3": sor.samples.iter().take(3).collect::<Vec<_>>(),
            "min": sor.samples.iter().min(),
            "max": sor.samples.iter().max(),
        },
        "general": general(sor),
        "supplier": {
            "supplier": text(sor.supplier.supplier),
            "otdr": text(sor.supplier.otdr),
            "otdr_sn": text(sor.supplier.otdr_serial),
            "module": text(sor.supplier.module),
            "module_sn": text(sor.supplier.module_serial),
            "software": text(sor.supplier.software),
        },
        "fixed": fixed(sor),
        "blocks": blocks.collect::<Vec<_>>(),
        "events": events,
        "fibre_end_event": end.map(|end| end.number),
        "fibre_end_distance_mm": end_mm,
        "end_rule": rule,
        "sum_event_loss_excluding_end_mdb": before,
        "summary": {
            "end_to_end_loss_mdb": sor.summary.total_loss,
            "orl_mdb": sor.summary.return_loss,
            "e2e_from_100ps": sor.summary.from,
            "e2e_to_100ps": sor.summary.to,
        },
        "trace_consistency": consistency(derived),
    }))
}

fn general(sor: &Sor<'_>) -> Value {
    json!({
        "cable_id": text(sor.general.cable),
        "fiber_id": text(sor.general.fibre),
        "fiber_type": sor.general.fibre_type,
        "nominal_wavelength_nm": sor.general.wavelength_nm,
        "location_a": text(sor.general.place_a),
        "location_b": text(sor.general.place_b),
        "user_offset_100ps": sor.general.user_offset,
        "operator": text(sor.general.operator),
    })
}

fn fixed(sor: &Sor<'_>) -> Value {
    let fixed = &sor.fixed;
    let mut data = json!({
        "unix_time": fixed.time,
        "unit": text(&fixed.unit),
        "actual_wavelength_raw": fixed.wavelength,
        "acquisition_offset_100ps": fixed.acquisition_offset,
        "pulse_width_ns": fixed.pulse_ns,
        "data_spacing_100ps_per_10000pts": fixed.spacing,
        "group_index_1e5": fixed.group_index,
        "averages": fixed.averages,
        "averaging_time_raw": fixed.averaging_time,
        "front_panel_offset_100ps": fixed.front_panel_offset,
        "noise_floor_raw": fixed.noise_floor,
        "loss_threshold_mdb": fixed.loss_threshold,
        "reflectance_threshold_mdb": fixed.reflectance_threshold,
        "end_threshold_mdb": fixed.end_threshold,
        "trace_type": fixed.trace_type.map(|kind| text(&kind)),
    });
    // What the expected file of format 1 calls these two.
    if sor.format == 1
        && let (Some(data), Some(pulse)) = (data.as_object_mut(), fixed.pulse_ns.first())
    {
        data.insert("date_time".into(), date(fixed.time).into());
        data.insert("pulse_width".into(), format!("{pulse} ns").into());
    }
    data
}

/// `Thu Feb 05 08:46:14 1998 (886668374 sec)`.
fn date(seconds: u32) -> String {
    let time = Timestamp::from_second(seconds.into()).unwrap_or_default();
    let time = time.strftime("%a %b %d %H:%M:%S %Y");
    format!("{time} ({seconds} sec)")
}

fn event(sor: &Sor<'_>, event: &Event) -> Result<Value, Overflow> {
    // What is zero stays zero, as it stands in the file; only the sentinel is nothing.
    let reflectance = Some(event.reflectance).filter(|value| *value != i32::MIN);
    Ok(json!({
        "n": event.number,
        "time_100ps": event.time,
        "distance_mm": sor.distance_mm(event.time)?,
        "attenuation_in_mdb_per_km": event.slope,
        "loss_mdb": event.loss,
        "reflectance_mdb": reflectance,
        "code": text(&event.code),
        "technique": text(&event.technique),
    }))
}

/// What samples and table say of each other, by the names of `expected_trace_consistency.json`.
pub fn consistency(derived: &Derived) -> Value {
    let sections = derived.sections.iter().map(|section| {
        json!({
            "section_m": rounded(section.length_mm, 1_000, 1),
            "derived_minus_table_db_per_km":
                rounded(section.derived.saturating_sub(section.table), 1_000_000, 4),
            "fit_sigma_db": rounded(section.sigma, 1_000_000, 4),
        })
    });
    let losses = derived.losses.iter().map(|loss| {
        json!({
            "event_index": loss.event,
            "pos_m": rounded(loss.at_mm, 1_000, 1),
            "table_db": rounded(loss.table, 1_000_000, 3),
            "derived_db": rounded(loss.derived, 1_000_000, 3),
            "fit_sigma_db": rounded(loss.sigma, 1_000_000, 4),
        })
    });
    json!({
        "attenuation": sections.collect::<Vec<_>>(),
        "loss": losses.collect::<Vec<_>>(),
        "verdict": verdict(derived),
    })
}

/// Whether the table says what the samples say.
pub const fn verdict_name(consistent: bool) -> &'static str {
    if consistent {
        "CONSISTENT"
    } else {
        "INCONSISTENT"
    }
}

fn verdict(derived: &Derived) -> &'static str {
    verdict_name(derived.is_consistent())
}

/// A number of parts of a unit, as a decimal of so many places.
fn rounded(parts: i64, unit: i64, places: u32) -> Value {
    let scale = 10_i64.pow(places);
    let half = if parts < 0 { -unit / 2 } else { unit / 2 };
    let count = parts.saturating_mul(scale).saturating_add(half) / unit;
    #[allow(
        clippy::cast_precision_loss,
        reason = "a decimal for people, of some seven digits"
    )]
    let value = count as f64 / scale as f64;
    json!(value)
}

fn report(name: &str, sor: &Sor<'_>, derived: &Derived) -> Result<String, Overflow> {
    let (general, fixed) = (&sor.general, &sor.fixed);
    let pulse = fixed.pulse_ns.first().copied().unwrap_or_default();
    let mut rows = Vec::new();
    for (number, event) in (1..).zip(&sor.events) {
        let again = derived.losses.iter().find(|loss| loss.event == number);
        let reflectance = event.reflectance_measured();
        rows.push(vec![
            event.number.to_string(),
            thousandths(sor.distance_mm(event.time)?),
            text(&event.code),
            thousandths(event.loss.into()),
            again.map_or_else(String::new, |loss| thousandths(loss.derived / 1000)),
            reflectance.map_or_else(String::new, |value| thousandths(value.into())),
            thousandths(event.slope.into()),
        ]);
    }
    let head = [
        ">#",
        ">metres",
        "code",
        ">loss dB",
        ">of samples",
        ">reflectance dB",
        ">dB/km before",
    ];
    let plain = match sor.checksum {
        None => "none",
        Some(checksum) if checksum.matches() => "right",
        Some(_) => "not the plain one",
    };
    Ok(format!(
        "{name}: format {}, fibre {} of {}, {} nm, pulse {pulse} ns, {} samples\n\
         {} to {}, {}, {} {}\n\
         checksum {plain}; table and samples {}\n\n{}",
        sor.format,
        text(general.fibre),
        text(general.cable),
        general.wavelength_nm,
        sor.samples.len(),
        text(general.place_a),
        text(general.place_b),
        date(fixed.time),
        text(sor.supplier.otdr),
        text(sor.supplier.otdr_serial),
        verdict(derived),
        table(&head, &rows),
    ))
}
