//! RADIO-1: a sector of a radio site as it was built, held against its design.
//!
//! ```text
//! AZIMUTH      |((a - d + 18000) mod 36000) - 18000| <= tolerance
//! TILT         |mechanical tilt - design| <= tolerance
//! HEIGHT       |height - design| <= tolerance
//! POWER        |power - rated| <= tolerance
//! POSITION     east² + north² <= tolerance²; from a fix in three dimensions
//! HDOP         dilution of precision <= maximum
//! FIX          the fix is one in three dimensions
//! EARTH        resistance to earth <= maximum
//! RETURN_LOSS  the worst of the sweep (`sweep`)
//! ```
//!
//! Positions: a ten-millionth of a degree is 11.113295 mm north, and 11.131949 mm × cos(latitude) east, the
//! cosine taken at the nearest hundredth of a degree. That holds for some kilometres.

use super::{Outcome, Verdict, sweep::cosine};
use crate::number::{Int, Overflow, int};

/// A sector's design.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectorDesign {
    /// Of the site, 1e-7 degrees.
    pub latitude: i64,
    /// Of the site, 1e-7 degrees.
    pub longitude: i64,
    /// Hundredths of a degree.
    pub azimuth: i64,
    /// Hundredths of a degree.
    pub tilt: i64,
    /// Millimetres.
    pub height: i64,
    /// Hundredths of a dBm.
    pub power: i64,
}

/// What was found at a sector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sector {
    /// 1e-7 degrees.
    pub latitude: i64,
    /// 1e-7 degrees.
    pub longitude: i64,
    /// Hundredths.
    pub hdop: i64,
    /// Whether the fix is one in three dimensions.
    pub fix_3d: bool,
    /// Hundredths of a degree.
    pub azimuth: i64,
    /// Hundredths of a degree.
    pub tilt: i64,
    /// Millimetres.
    pub height: i64,
    /// Hundredths of a dBm.
    pub power: i64,
    /// Milliohms.
    pub earth: i64,
}

/// Limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Hundredths of a degree.
    pub azimuth: i64,
    /// Hundredths of a degree.
    pub tilt: i64,
    /// Millimetres.
    pub height: i64,
    /// Hundredths of a dB.
    pub power: i64,
    /// Millimetres.
    pub position: i64,
    /// Hundredths.
    pub hdop: i64,
    /// Milliohms.
    pub earth: i64,
}

/// What is found of a sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Hundredths of a degree, signed.
    pub azimuth_delta: i64,
    /// Millimetres.
    pub position_error: i64,
    /// What every rule but the sweep's says.
    pub outcomes: Vec<Outcome>,
    /// What the sweep's rule says.
    pub sweep: Verdict,
}

impl Judged {
    /// Rules that fail, in their order.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = self.outcomes.iter().filter(|outcome| outcome.fails());
        let failed = failed.map(|outcome| outcome.rule);
        let sweep = (self.sweep == Verdict::Reject).then_some("RETURN_LOSS");
        failed.chain(sweep).collect()
    }

    /// What follows.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.outcomes).max(self.sweep)
    }
}

/// Holds a sector against its design.
///
/// # Errors
/// [`Overflow`].
pub fn judge(
    design: &SectorDesign,
    limits: &Limits,
    found: &Sector,
    sweep: Verdict,
) -> Result<Judged, Overflow> {
    let azimuth = int(found.azimuth) - design.azimuth + 18_000;
    let azimuth_delta: i64 = (azimuth.rem_floor(36_000) - 18_000).get()?;
    let position_error = distance(design, found)?;
    let off = |found: i64, design: i64| (int(found) - design).abs().get();
    let rules: [(_, i64, _, _); 8] = [
        (
            "AZIMUTH",
            int(azimuth_delta).abs().get()?,
            limits.azimuth,
            "cdeg",
        ),
        ("TILT", off(found.tilt, design.tilt)?, limits.tilt, "cdeg"),
        (
            "HEIGHT",
            off(found.height, design.height)?,
            limits.height,
            "mm",
        ),
        (
            "POWER",
            off(found.power, design.power)?,
            limits.power,
            "cdB",
        ),
        ("POSITION", position_error, limits.position, "mm"),
        ("HDOP", found.hdop, limits.hdop, "0.01"),
        ("FIX", i64::from(!found.fix_3d), 0, "missing"),
        ("EARTH", found.earth, limits.earth, "mohm"),
    ];
    let mut outcomes = Vec::new();
    for (rule, value, limit, unit) in rules {
        outcomes.push(Outcome::at_most(rule, None, value, limit, 0, unit)?);
    }
    Ok(Judged {
        azimuth_delta,
        position_error,
        outcomes,
        sweep,
    })
}

/// Millimetres between where a site is and where it is to be, to the nearest.
fn distance(design: &SectorDesign, found: &Sector) -> Result<i64, Overflow> {
    let place = (design.latitude, design.longitude);
    apart(place, (found.latitude, found.longitude))
}

/// Millimetres between two places, of latitude and longitude in ten-millionths of a degree, to the nearest;
/// for places within ten kilometres of each other.
///
/// # Errors
/// [`Overflow`].
pub fn apart(place: (i64, i64), other: (i64, i64)) -> Result<i64, Overflow> {
    // In thousandths of a millimetre.
    let north = ((int(other.0) - place.0) * 11_113_295).div_round(1_000);
    let cos = cosine(int(place.0).div_round(100_000).get()?);
    let east = (int(other.1) - place.1) * 11_131_949;
    let east = (east * cos).div_round(int(10_i128.pow(18)) * 1_000);
    let square: Int = north * north + east * east;
    square.sqrt().div_round(1_000).get()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        azimuth: 500,
        tilt: 50,
        height: 500,
        power: 200,
        position: 15_000,
        hdop: 250,
        earth: 10_000,
    };

    #[test]
    fn an_azimuth_goes_round() {
        let design = SectorDesign {
            azimuth: 100,
            ..SectorDesign::default()
        };
        let found = Sector {
            azimuth: 35_900,
            fix_3d: true,
            ..Sector::default()
        };
        let judged = judge(&design, &LIMITS, &found, Verdict::Accept).unwrap();
        assert_eq!(judged.azimuth_delta, -200);
        assert_eq!(judged.verdict(), Verdict::Accept);
    }

    #[test]
    fn a_fix_in_two_dimensions_is_none() {
        let design = SectorDesign::default();
        let judged = judge(&design, &LIMITS, &Sector::default(), Verdict::Review).unwrap();
        assert_eq!(judged.failed(), ["FIX"]);
        assert_eq!(judged.verdict(), Verdict::Reject);
    }
}
