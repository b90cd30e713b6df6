//! Touchstone files of one port (S1P), version 1: how much of what is sent into an antenna line comes back.
//!
//! An option line `# [Hz|kHz|MHz|GHz] S [DB|MA|RI] R z0`, then a frequency and two numbers a line; `!` begins
//! a remark. What the option line leaves out is `GHz S MA R 50`.

use commonhold_works_contract::{
    acceptance::{
        Verdict,
        sweep::{Point, SweepLimits, UNIT, extremes, judge, return_loss},
    },
    limits::SWEEP_POINTS_MAX,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    check::hex,
    decimal::{scaled, small},
    refusal::Refusal,
};

/// Limits where a design says none: 17.7 dB (a standing wave of 1.3) and 14 dB.
pub const LIMITS: SweepLimits = SweepLimits {
    accept: 1770,
    reject: 1400,
    band: None,
};

/// A sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// `DB`, `MA` or `RI`.
    pub format: &'static str,
    /// Ohms.
    pub impedance: f64,
    /// By frequency.
    pub points: Vec<Point>,
}

/// How numbers are given.
#[derive(Clone, Copy)]
enum Form {
    Decibels,
    Magnitude,
    Parts,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Decibels => "DB",
            Self::Magnitude => "MA",
            Self::Parts => "RI",
        }
    }
}

/// Reads a file.
///
/// # Errors
/// [`Refusal`].
pub fn read(bytes: &[u8]) -> Result<Sweep, Refusal> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|_| Refusal::malformed("is no text, so no Touchstone file"))?;
    // The option line as it stands by default: frequencies in GHz, a unit of ten to the power of nine.
    let (mut form, mut power, mut impedance) = (Form::Magnitude, 9, 50.0);
    let mut points = Vec::new();
    let mut options = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('!').next().unwrap_or_default().trim();
        let wrong = |what: &str| Refusal::malformed(format!("line {number}: {what}"));
        if line.is_empty() {
            continue;
        }
        if line.starts_with('[') {
            return Err(wrong("is of Touchstone 2; save the sweep as version 1"));
        }
        if let Some(rest) = line.strip_prefix('#') {
            if options {
                continue;
            }
            options = true;
            let mut words = rest.split_ascii_whitespace();
            while let Some(word) = words.next() {
                match word.to_ascii_uppercase().as_str() {
                    "HZ" => power = 0,
                    "KHZ" => power = 3,
                    "MHZ" => power = 6,
                    "GHZ" => power = 9,
                    "DB" => form = Form::Decibels,
                    "MA" => form = Form::Magnitude,
                    "RI" => form = Form::Parts,
                    "S" => {}
                    "R" => {
                        let ohms = words.next().and_then(|ohms| ohms.parse().ok());
                        impedance = ohms.ok_or_else(|| wrong("no impedance after R"))?;
                    }
                    _ => return Err(wrong("the option line has a word that is not known")),
                }
            }
            continue;
        }
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [frequency, first, second] = words.as_slice() else {
            return Err(wrong(
                "is not a frequency and two numbers; a file of one port is asked for",
            ));
        };
        let point = point(form, power, frequency, first, second);
        let point = point.ok_or_else(|| wrong("holds a number that none is"))?;
        let last: Option<&Point> = points.last();
        if last.is_some_and(|last| last.millihertz >= point.millihertz) {
            return Err(wrong("frequencies do not grow"));
        }
        if points.len() >= SWEEP_POINTS_MAX {
            return Err(Refusal::TooMuch {
                what: "points",
                limit: "SWEEP_POINTS_MAX",
                max: SWEEP_POINTS_MAX,
            });
        }
        points.push(point);
    }
    if points.is_empty() {
        return Err(Refusal::malformed("holds no point"));
    }
    Ok(Sweep {
        format: form.name(),
        impedance,
        points,
    })
}

fn point(form: Form, power: i32, frequency: &str, first: &str, second: &str) -> Option<Point> {
    let return_loss = match form {
        Form::Decibels => Some(small(first, 8)?.checked_neg()?),
        Form::Magnitude => {
            let magnitude = scaled(first, 12)?;
            return_loss(magnitude.checked_mul(magnitude)?).ok()?
        }
        Form::Parts => {
            let (real, imaginary) = (scaled(first, 12)?, scaled(second, 12)?);
            let real = real.checked_mul(real)?;
            let square = real.checked_add(imaginary.checked_mul(imaginary)?)?;
            return_loss(square).ok()?
        }
    };
    // Angles are not asked for, but they have to be there.
    scaled(second, 3)?;
    Some(Point {
        millihertz: small(frequency, power + 3)?,
        return_loss,
    })
}

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
    let sweep = read(bytes)?;
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
        "z0_ohm": sweep.impedance,
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

const _: () = assert!(
    UNIT == 1_000_000_000_000,
    "numbers are read with twelve places"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Sweep, Refusal> {
        read(text.as_bytes())
    }

    #[test]
    fn all_three_forms_say_the_same() {
        let decibels = of("# MHz S DB R 50\n3400 -20 0\n").unwrap();
        let magnitude = of("! x\n# MHz S MA R 50\n3400 0.1 5.0 ! y\n").unwrap();
        let parts = of("# MHZ s ri r 50\n3400 0.06 -0.08\n").unwrap();
        assert_eq!(decibels.points, magnitude.points);
        assert_eq!(decibels.points, parts.points);
        assert_eq!(decibels.points[0].return_loss, Some(2_000_000_000));
        assert_eq!(decibels.points[0].millihertz, 3_400_000_000_000);
    }

    #[test]
    fn what_is_no_sweep_is_refused() {
        for wrong in [
            "",
            "# MHz S DB R\n1 2 3",
            "# MHz S DB R 50\n1 2",
            "# MHz S DB R 50\n1 2 3\n1 2 3",
            "# MHz S DB R 50\n1 x 3",
            "# MHz Y DB R 50\n1 2 3",
            "[Version] 2.0",
            "# MHz S DB R 50\n1 2 3 4 5 6 7 8 9",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert!(read(b"\xff\xfe").is_err());
    }
}
