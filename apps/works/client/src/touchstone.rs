//! Sweeps of antenna lines (Touchstone S1P) as people and `expected_s1p.json` have them; the law reads them.

use commonhold_works_contract::{
    acceptance::{
        Verdict,
        sweep::{SweepLimits, extremes, judge},
    },
    touchstone::read,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{check::hex, refusal::Refusal};

/// Limits where a design says none: 17.7 dB (a standing wave of 1.3) and 14 dB.
pub const LIMITS: SweepLimits = SweepLimits {
    accept: 1770,
    reject: 1400,
    band: None,
};

/// What RADIO-1 calls a verdict on a sweep.
pub const fn sweep_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Review => "MARGINAL",
        other => other.name(),
    }
}

/// What a sweep says, by the names of `expected_s1p.json`.
///
/// # Errors
/// [`Refusal`].
pub fn describe(name: &str, bytes: &[u8]) -> Result<Value, Refusal> {
    let sweep = read(bytes).map_err(|e| Refusal::malformed(e.to_string()))?;
    let overflow =
        |e: commonhold_works_contract::number::Overflow| Refusal::malformed(e.to_string());
    let verdict = judge(&sweep.points, &LIMITS).map_err(overflow)?;
    let (worst, best) = extremes(&sweep.points).ok_or_else(|| Refusal::malformed("no point"))?;
    let start = sweep.points.first().map(|point| hertz(point.millihertz));
    let stop = sweep.points.last().map(|point| hertz(point.millihertz));
    let gamma = worst.return_loss.map_or(0.0, gamma);
    Ok(json!({
        "file": name,
        "sha256": hex(&Sha256::digest(bytes)),
        "points": sweep.points.len(),
        "format": sweep.format,
        "z0_ohm": float(sweep.impedance) / 1e3,
        "f_start_hz": start,
        "f_stop_hz": stop,
        "worst": {
            "f_hz": hertz(worst.millihertz),
            "gamma": round(gamma, 6),
            "return_loss_db": worst.return_loss.map(decibels),
            "vswr": round((1.0 + gamma) / (1.0 - gamma), 4),
        },
        "best": {
            "f_hz": hertz(best.millihertz),
            "return_loss_db": best.return_loss.map(decibels),
        },
        "verdict_RADIO-1": sweep_name(verdict),
    }))
}

/// For people and for the expected files; what decides is integers.
#[allow(
    clippy::cast_precision_loss,
    reason = "far below what a double holds exactly"
)]
const fn float(number: i64) -> f64 {
    number as f64
}

fn hertz(millihertz: i64) -> f64 {
    float(millihertz) / 1e3
}

fn decibels(loss: i64) -> f64 {
    round(float(loss) / 1e8, 4)
}

fn gamma(loss: i64) -> f64 {
    10_f64.powf(-float(loss) / 2e9)
}

fn round(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}
