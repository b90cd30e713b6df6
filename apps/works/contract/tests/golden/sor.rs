//! Every trace is read as its expected file says.

use commonhold_works_contract::sor::{Event, Sor, SorError, parse};
use serde_json::{Value, json};

use crate::data::traces;

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn event(sor: &Sor<'_>, event: &Event) -> Value {
    let reflectance = (event.reflectance != i32::MIN).then_some(event.reflectance);
    json!({
        "n": event.number,
        "time_100ps": event.time,
        "distance_mm": sor.distance_mm(event.time).unwrap(),
        "attenuation_in_mdb_per_km": event.slope,
        "loss_mdb": event.loss,
        "reflectance_mdb": reflectance,
        "code": text(&event.code),
        "technique": text(&event.technique),
    })
}

/// What is read, by the names of the expected files.
fn read(sor: &Sor<'_>) -> Value {
    let checksum = sor.checksum.unwrap();
    let samples: Vec<u16> = sor.samples.iter().collect();
    let end = sor.end().unwrap();
    let before = sor.events.iter().take_while(|event| !event.is_end());
    json!({
        "format": sor.format,
        "checksum": {
            "stored": checksum.stored,
            "crc16_ccitt_false_over_all_preceding_bytes": checksum.computed,
            "match": checksum.matches(),
        },
        "datapts": {
            "n_points": sor.samples.len(),
            "traces": sor.samples.traces,
            "scale_factor": sor.samples.scale,
            "sha256_of_le_u16_samples": sor.samples.digest().map(|b| format!("{b:02x}")).concat(),
            "first3": samples[..3],
            "min": samples.iter().min(),
            "max": samples.iter().max(),
        },
        "general": {
            "cable_id": text(sor.general.cable),
            "fiber_id": text(sor.general.fibre),
            "fiber_type": sor.general.fibre_type,
            "nominal_wavelength_nm": sor.general.wavelength_nm,
            "location_a": text(sor.general.place_a),
            "location_b": text(sor.general.place_b),
            "user_offset_100ps": sor.general.user_offset,
            "operator": text(sor.general.operator),
        },
        "supplier": {
            "supplier": text(sor.supplier.supplier),
            "otdr": text(sor.supplier.otdr),
            "otdr_sn": text(sor.supplier.otdr_serial),
            "module": text(sor.supplier.module),
            "module_sn": text(sor.supplier.module_serial),
            "software": text(sor.supplier.software),
        },
        "fixed": {
            "unix_time": sor.fixed.time,
            "unit": text(&sor.fixed.unit),
            "actual_wavelength_raw": sor.fixed.wavelength,
            "acquisition_offset_100ps": sor.fixed.acquisition_offset,
            "pulse_width_ns": sor.fixed.pulse_ns,
            "data_spacing_100ps_per_10000pts": sor.fixed.spacing,
            "group_index_1e5": sor.fixed.group_index,
            "averages": sor.fixed.averages,
            "averaging_time_raw": sor.fixed.averaging_time,
            "front_panel_offset_100ps": sor.fixed.front_panel_offset,
            "noise_floor_raw": sor.fixed.noise_floor,
            "loss_threshold_mdb": sor.fixed.loss_threshold,
            "reflectance_threshold_mdb": sor.fixed.reflectance_threshold,
            "end_threshold_mdb": sor.fixed.end_threshold,
            "trace_type": sor.fixed.trace_type.map(|kind| text(&kind)),
            "date_time": "Thu Feb 05 08:46:14 1998 (886668374 sec)",
            "pulse_width": format!("{} ns", sor.fixed.pulse_ns[0]),
        },
        "blocks": sor.blocks.iter().map(|block| json!({"name": text(block.name), "size": block.size})).collect::<Vec<_>>(),
        "events": sor.events.iter().map(|row| event(sor, row)).collect::<Vec<_>>(),
        "fibre_end_event": end.number,
        "fibre_end_distance_mm": sor.distance_mm(end.time).unwrap(),
        "sum_event_loss_excluding_end_mdb": before.map(|event| i64::from(event.loss)).sum::<i64>(),
        "summary": {
            "end_to_end_loss_mdb": sor.summary.total_loss,
            "orl_mdb": sor.summary.return_loss,
            "e2e_from_100ps": sor.summary.from,
            "e2e_to_100ps": sor.summary.to,
        },
    })
}

/// Everything that is expected is there; what is beside it is not asked about.
fn holds(name: &str, expected: &Value, read: &Value) {
    match expected {
        Value::Object(members) => {
            for (key, value) in members {
                holds(&format!("{name}.{key}"), value, &read[key]);
            }
        }
        _ => assert_eq!(expected, read, "{name}"),
    }
}

#[test]
fn every_trace_is_read_as_expected() {
    for (name, bytes, mut expected) in traces() {
        if expected["expect"] == "PARSE_ERROR" {
            let error = parse(&bytes).err();
            assert!(
                matches!(error, Some(SorError::Truncated(_))),
                "{name}: {error:?}"
            );
            continue;
        }
        let members = expected.as_object_mut().unwrap();
        for other in [
            "parsers",
            "pyotdr_agrees",
            "otdrs_error",
            "file",
            "size",
            "sha256",
            "end_rule",
        ] {
            members.remove(other);
        }
        let sor = parse(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        holds(&name, &expected, &read(&sor));
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let Some((_, bytes, _)) = traces().into_iter().next() else {
        return;
    };
    for end in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        assert!(parse(&bytes[..end]).is_err(), "{end}");
    }
}
