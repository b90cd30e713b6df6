//! Touchstone files of one port (S1P), version 1: how much of what is sent into an antenna line comes back.
//!
//! An option line `# [Hz|kHz|MHz|GHz] S [DB|MA|RI] R z0`, then a frequency and two numbers a line; `!` begins
//! a remark. What the option line leaves out is `GHz S MA R 50`. Numbers are decimals and become integers
//! without floating point, so that everybody reads the same.

use sha2::{Digest as _, Sha256};

use crate::{
    acceptance::sweep::{Point, UNIT, return_loss},
    decimal::{scaled, small},
    limits::SWEEP_POINTS_MAX,
};

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// It is no UTF-8.
    #[error("is no text, so no Touchstone file")]
    NoText,
    /// A line, from 1, is not what one is.
    #[error("line {0}: {1}")]
    Line(u32, &'static str),
    /// More points than are read.
    #[error("more than {SWEEP_POINTS_MAX} points (SWEEP_POINTS_MAX)")]
    TooMany,
    /// It has no point.
    #[error("holds no point")]
    Empty,
}

/// A sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// `DB`, `MA` or `RI`.
    pub format: &'static str,
    /// Milliohms.
    pub impedance: i64,
    /// By frequency, which grows.
    pub points: Vec<Point>,
}

impl Sweep {
    /// SHA-256 of what was measured, however it was written down: `"S1P"`, then of each point millihertz and
    /// return loss in 1e-8 dB, big-endian in eight bytes each, all ones where nothing comes back.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"S1P");
        for point in &self.points {
            hash.update(point.millihertz.to_be_bytes());
            hash.update(point.return_loss.unwrap_or(-1).to_be_bytes());
        }
        hash.finalize().into()
    }
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

/// What the option line says.
#[derive(Clone, Copy)]
struct Options {
    form: Form,
    /// Of frequencies, by powers of ten.
    power: i32,
    impedance: i64,
}

/// Reads a file.
///
/// # Errors
/// [`SweepError`].
pub fn read(bytes: &[u8]) -> Result<Sweep, SweepError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SweepError::NoText)?;
    let mut options = Options {
        form: Form::Magnitude,
        power: 9,
        impedance: 50_000,
    };
    let mut said = false;
    let mut points: Vec<Point> = Vec::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let line = line.split('!').next().unwrap_or_default().trim();
        let wrong = |what| SweepError::Line(number, what);
        if line.is_empty() {
            continue;
        }
        if line.starts_with('[') {
            return Err(wrong("is of Touchstone 2; save the sweep as version 1"));
        }
        if let Some(rest) = line.strip_prefix('#') {
            if !said {
                options = read_options(options, rest).map_err(wrong)?;
            }
            said = true;
            continue;
        }
        let mut words = line.split_ascii_whitespace();
        let [frequency, first, second, more] = [(); 4].map(|()| words.next());
        let (Some(frequency), Some(first), Some(second), None) = (frequency, first, second, more)
        else {
            return Err(wrong(
                "is not a frequency and two numbers; a file of one port is asked for",
            ));
        };
        let point = point(options, frequency, first, second);
        let point = point.ok_or_else(|| wrong("holds a number that none is"))?;
        let last = points.last();
        if last.is_some_and(|last| last.millihertz >= point.millihertz) {
            return Err(wrong("frequencies do not grow"));
        }
        if points.len() >= SWEEP_POINTS_MAX {
            return Err(SweepError::TooMany);
        }
        points.push(point);
    }
    if points.is_empty() {
        return Err(SweepError::Empty);
    }
    Ok(Sweep {
        format: options.form.name(),
        impedance: options.impedance,
        points,
    })
}

fn read_options(usual: Options, line: &str) -> Result<Options, &'static str> {
    let mut options = usual;
    let mut words = line.split_ascii_whitespace();
    while let Some(word) = words.next() {
        match word.to_ascii_uppercase().as_str() {
            "HZ" => options.power = 0,
            "KHZ" => options.power = 3,
            "MHZ" => options.power = 6,
            "GHZ" => options.power = 9,
            "DB" => options.form = Form::Decibels,
            "MA" => options.form = Form::Magnitude,
            "RI" => options.form = Form::Parts,
            "S" => {}
            "R" => {
                let ohms = words.next().and_then(|ohms| small(ohms, 3));
                options.impedance = ohms.ok_or("no impedance after R")?;
            }
            _ => return Err("the option line has a word that is not known"),
        }
    }
    Ok(options)
}

fn point(options: Options, frequency: &str, first: &str, second: &str) -> Option<Point> {
    let return_loss = match options.form {
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
        millihertz: small(frequency, options.power.checked_add(3)?)?,
        return_loss,
    })
}

const _: () = assert!(
    UNIT == 1_000_000_000_000,
    "numbers are read with twelve places"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Sweep, SweepError> {
        read(text.as_bytes())
    }

    #[test]
    fn all_three_forms_say_the_same() {
        let decibels = of("# MHz S DB R 50\n3400 -20 0\n").unwrap();
        let magnitude = of("! x\n# MHz S MA R 50\n3400 0.1 5.0 ! y\n").unwrap();
        let parts = of("# MHZ s ri r 50\n3400 0.06 -0.08\n").unwrap();
        assert_eq!(decibels.points, magnitude.points);
        assert_eq!(decibels.points, parts.points);
        assert_eq!(decibels.digest(), parts.digest());
        assert_eq!(decibels.impedance, 50_000);
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
