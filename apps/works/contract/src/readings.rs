//! What instruments sign about evidence: these records, along the order's nonce.
//!
//! ```text
//! sha256  data    SHA-256 of the raw file
//! lat lon number  1e-7 degrees: of a fibre where the order asks for a site, of a sector always
//!
//! fibre   text    as the order names it         nm   number  nanometres
//! end     text    A or B: where it was measured from
//!
//! sector  text    as the order names it
//! azimuth tilt    number  hundredths of a degree       height number  millimetres
//! power   number  hundredths of a dBm           earth  number  milliohms
//! hdop    number  hundredths                    fix    number  3 where the fix is one in three dimensions
//! fixed   number  when the place was fixed, seconds since 1970
//! ```

use alloy_primitives::B256;
use commonhold_reading::{Reading, Value};

use crate::{acceptance::radio::Sector, shape::word};

/// What the instrument says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The nonce that it signed along.
    pub nonce: B256,
    /// SHA-256 of the file.
    pub file: B256,
    /// The fibre, or the sector.
    pub fibre: B256,
    /// What it is a file of.
    pub of: Of,
    /// Latitude and longitude, 1e-7 degrees.
    pub place: Option<(i64, i64)>,
    /// When it was signed, seconds since 1970.
    pub time: u64,
    /// The instrument's counter.
    pub counter: u64,
}

/// What a file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A trace of a fibre.
    Fibre {
        /// Nanometres.
        nm: u16,
        /// Where it was measured from: 0 end A, 1 end B.
        end: u8,
    },
    /// A sweep of a sector.
    Sector {
        /// What was found there.
        found: Sector,
        /// When the place was fixed, seconds since 1970.
        fixed: u64,
    },
}

impl Of {
    /// What it is a file of, in a word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fibre { .. } => "fibre",
            Self::Sector { .. } => "sector",
        }
    }
}

/// What a reading says.
///
/// # Errors
/// The name of what it does not say.
pub fn said(reading: &Reading) -> Result<Said, &'static str> {
    let file = match find(reading, "sha256") {
        Some(Value::Data(data)) => B256::try_from(data.as_slice()).map_err(|_| "sha256")?,
        _ => return Err("sha256"),
    };
    let nonce = reading
        .nonce
        .as_deref()
        .and_then(|nonce| B256::try_from(nonce).ok());
    let place = number(reading, "lat").ok().zip(number(reading, "lon").ok());
    let (name, of) = if find(reading, "sector").is_some() {
        (text(reading, "sector")?, sector(reading, place)?)
    } else {
        (text(reading, "fibre")?, fibre(reading)?)
    };
    Ok(Said {
        nonce: nonce.ok_or("nonce")?,
        file,
        fibre: word(name),
        of,
        place,
        time: reading.time.div_euclid(1000),
        counter: reading.counter,
    })
}

fn find<'r>(reading: &'r Reading, name: &str) -> Option<&'r Value> {
    let record = reading.pack.iter().find(|record| record.name == name)?;
    Some(&record.value)
}

fn text<'r>(reading: &'r Reading, name: &'static str) -> Result<&'r str, &'static str> {
    match find(reading, name) {
        Some(Value::Text(text)) if !text.is_empty() && text.len() <= 32 => Ok(text.as_str()),
        _ => Err(name),
    }
}

fn number(reading: &Reading, name: &'static str) -> Result<i64, &'static str> {
    match find(reading, name) {
        Some(Value::Number {
            mantissa,
            exponent: 0,
        }) => Ok(*mantissa),
        _ => Err(name),
    }
}

fn fibre(reading: &Reading) -> Result<Of, &'static str> {
    let end = match text(reading, "end")? {
        "A" => 0,
        "B" => 1,
        _ => return Err("end"),
    };
    let nm = u16::try_from(number(reading, "nm")?).map_err(|_| "nm")?;
    Ok(Of::Fibre { nm, end })
}

fn sector(reading: &Reading, place: Option<(i64, i64)>) -> Result<Of, &'static str> {
    let number = |name| number(reading, name);
    let (latitude, longitude) = place.ok_or("lat")?;
    let found = Sector {
        latitude,
        longitude,
        hdop: number("hdop")?,
        fix_3d: number("fix")? == 3,
        azimuth: number("azimuth")?,
        tilt: number("tilt")?,
        height: number("height")?,
        power: number("power")?,
        earth: number("earth")?,
    };
    let fixed = u64::try_from(number("fixed")?).map_err(|_| "fixed")?;
    Ok(Of::Sector { found, fixed })
}
