//! FIBRE-OSP-1 and RADIO-1 with other limits.

use std::collections::BTreeMap;

use super::{FIBRE_OSP_1, RADIO_1};
use crate::{
    acceptance::{fibre::Limits, radio, sweep::SweepLimits},
    trace::Tolerance,
};

/// The text of FIBRE-OSP-1 with these limits, guard bands and tolerances; nothing where a guard band is of a
/// rule that it does not have.
pub fn written(limits: &Limits, tolerance: &Tolerance) -> Option<String> {
    let table = |table: &BTreeMap<u16, i64>| {
        let rows: Vec<String> = table
            .iter()
            .map(|(nm, value)| format!("{nm}: {value}"))
            .collect();
        // A table has a row at least: of no wavelength.
        let rows = if rows.is_empty() {
            "0: 0".to_owned()
        } else {
            rows.join(", ")
        };
        format!("{{{rows}}}")
    };
    let constants: BTreeMap<&str, String> = BTreeMap::from([
        ("attenuation", table(&limits.attenuation)),
        ("budget", table(&limits.budget_alpha)),
        ("budget_splice", limits.budget_splice.to_string()),
        ("budget_connector", limits.budget_connector.to_string()),
        ("splice_hard", limits.splice_hard.to_string()),
        ("splice_p95", limits.splice_p95.to_string()),
        ("splice_mean", limits.splice_mean.to_string()),
        ("connector", limits.connector.to_string()),
        ("reflectance", limits.reflectance.to_string()),
        ("macrobend", limits.macrobend.to_string()),
        ("length_mm", limits.length_tolerance_mm.to_string()),
        ("length_ppm", limits.length_tolerance_ppm.to_string()),
        ("trace_attenuation", tolerance.attenuation.to_string()),
        ("trace_loss", tolerance.loss.to_string()),
    ]);
    let mut text = with(FIBRE_OSP_1, &constants);
    for (rule, guard) in limits.guard.iter().filter(|(_, guard)| **guard != 0) {
        let head = text.find(&format!("rule {rule} "))?;
        let colon = text.get(head..)?.find(':')?.checked_add(head)?;
        text.insert_str(colon, &format!("guard {guard} "));
    }
    Some(text)
}

/// The text of RADIO-1 with these limits. The licensed band is the order's, not the ruleset's.
pub fn written_radio(limits: &radio::Limits, sweep: &SweepLimits) -> String {
    let fine = |hundredths: i64| (i128::from(hundredths).saturating_mul(1_000_000)).to_string();
    let constants: BTreeMap<&str, String> = BTreeMap::from([
        ("azimuth_max", limits.azimuth.to_string()),
        ("tilt_max", limits.tilt.to_string()),
        ("height_max", limits.height.to_string()),
        ("power_max", limits.power.to_string()),
        ("position_max", limits.position.to_string()),
        ("hdop_max", limits.hdop.to_string()),
        ("earth_max", limits.earth.to_string()),
        ("return_loss", fine(sweep.reject)),
        ("return_loss_accept", fine(sweep.accept)),
    ]);
    with(RADIO_1, &constants)
}

/// A text with other numbers for its constants.
fn with(text: &str, constants: &BTreeMap<&str, String>) -> String {
    let line = |line: &str| {
        let named = line
            .strip_prefix("const ")
            .and_then(|rest| rest.split_once(" = "));
        let value = named.and_then(|(name, _)| Some((name, constants.get(name)?)));
        value.map_or_else(
            || line.to_owned(),
            |(name, value)| format!("const {name} = {value}"),
        )
    };
    text.lines().map(|one| line(one) + "\n").collect()
}
