//! What the samples say is what the expected file says, within its 5 mdB; the verdicts are the same.

use commonhold_works_contract::{
    sor::parse,
    trace::{Tolerance, derive},
};
use serde_json::Value;

use crate::data::{json, traces};

/// µdB within which a reference in floating point and ours may differ.
const WITHIN: f64 = 5_000.0;

#[track_caller]
fn near(name: &str, ours: i64, expected: &Value, unit: f64, within: f64) {
    #[allow(clippy::cast_precision_loss, reason = "a few million at most")]
    let (ours, expected) = (ours as f64, expected.as_f64().unwrap() * unit);
    assert!(
        (ours - expected).abs() <= within,
        "{name}: {ours} for {expected}"
    );
}

#[test]
fn traces_agree_with_their_tables_where_they_are_said_to() {
    let Some(all) = json("expected_trace_consistency.json") else {
        return;
    };
    for (name, bytes, _) in traces() {
        let expected = &all["files"][&name];
        let Ok(sor) = parse(&bytes) else {
            assert_eq!(expected["verdict"], "NOT_AVAILABLE", "{name}");
            continue;
        };
        let derived = derive(&sor, &Tolerance::default()).unwrap();
        if expected["verdict"] == "NOT_AVAILABLE" {
            assert_eq!(sor.format, 1, "{name}");
            assert!(derived.is_consistent(), "{name}");
            continue;
        }
        let sections = expected["attenuation"].as_array().unwrap();
        assert_eq!(sections.len(), derived.sections.len(), "{name}");
        for (ours, expected) in derived.sections.iter().zip(sections) {
            near(&name, ours.length_mm, &expected["section_m"], 1e3, 100.0);
            let off = ours.derived - ours.table;
            near(
                &name,
                off,
                &expected["derived_minus_table_db_per_km"],
                1e6,
                WITHIN,
            );
            near(&name, ours.sigma, &expected["fit_sigma_db"], 1e6, WITHIN);
        }
        let losses = expected["loss"].as_array().unwrap();
        assert_eq!(losses.len(), derived.losses.len(), "{name}");
        for (ours, expected) in derived.losses.iter().zip(losses) {
            assert_eq!(
                ours.event as u64,
                expected["event_index"].as_u64().unwrap(),
                "{name}"
            );
            near(&name, ours.at_mm, &expected["pos_m"], 1e3, 100.0);
            near(&name, ours.table, &expected["table_db"], 1e6, 1.0);
            near(&name, ours.derived, &expected["derived_db"], 1e6, WITHIN);
            near(&name, ours.sigma, &expected["fit_sigma_db"], 1e6, WITHIN);
        }
        let verdict = if derived.is_consistent() {
            "CONSISTENT"
        } else {
            "INCONSISTENT"
        };
        assert_eq!(expected["verdict"], verdict, "{name}");
    }
}
