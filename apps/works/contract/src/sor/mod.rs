//! The optical trace file (`.sor`), formats 1 and 2.
//!
//! A file is a map of blocks, then the blocks in the map's order. Everything is little-endian. Format 2
//! begins `"Map\0"`, and each block begins with its name; format 1 has neither. Then, in both:
//!
//! - map: version u16, bytes of the map u32, number of blocks u16 (the map is one); per block its name with
//!   a zero, its version u16, its bytes u32;
//! - `GenParams`: language \[2\], cable, fibre, fibre type u16 (format 2), wavelength u16 (nm), place A,
//!   place B, code, condition \[2\], user offset i32 (100 ps), offset distance i32 (format 2), operator,
//!   comment;
//! - `SupParams`: seven texts;
//! - `FxdParams`: time u32, unit \[2\], wavelength u16, acquisition offset i32, its distance i32 (format 2),
//!   n u16, pulse width u16 × n, spacing u32 × n (100 ps of 10,000 points), points u32 × n, group index u32
//!   (1e-5), backscatter u16, averages u32, averaging time u16 (format 2), range u32, its distance u32
//!   (format 2), front panel offset i32, noise level u16, its scale u16, power offset u16, thresholds of
//!   loss, reflectance and end u16 each, type of trace \[2\] and a window of 4 × i32 (format 2);
//! - `KeyEvents`: n u16, then events (number u16, time u32, slope i16, loss i16, reflectance i32, code \[6\],
//!   technique \[2\], 5 × u32 in format 2, comment), then total loss i32, from i32, to i32, return loss u16,
//!   from i32, to i32;
//! - `DataPts`: points u32, traces u16, per trace points u32, scale u16, samples u16 each;
//! - `Cksum`: CRC-16/CCITT-FALSE of everything before it.
//!
//! Blocks are found by the sizes in the map and never by where a structure ends: instruments write longer
//! ones. A block that nobody knows is passed over. Of a list no more is allocated than the file has bytes
//! for, whatever it says of its length. Samples stay where they are in the file.

mod blocks;
mod crc;
mod cursor;

use sha2::{Digest as _, Sha256};

use crate::{
    limits::{SOR_BLOCKS_MAX, SOR_BYTES_MAX, SOR_NAME_BYTES_MAX},
    number::{Int, Overflow, int},
};

use cursor::Cursor;

/// The speed of light in vacuum, m/s.
pub const LIGHT: i64 = 299_792_458;

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SorError {
    /// It ends too early.
    #[error("the file ends in the middle of {0}; it was cut off, fetch it again")]
    Truncated(&'static str),
    /// Something goes over a limit.
    #[error("more than {max} {what} ({limit})")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: usize,
    },
    /// It is no `.sor` file.
    #[error("is no .sor file of format 1 or 2")]
    Unknown,
    /// A block that every file has is missing.
    #[error("has no block {0}")]
    Missing(&'static str),
    /// A block stands in the map twice.
    #[error("has the block {0} twice")]
    Twice(&'static str),
    /// The map and the blocks do not agree.
    #[error("the map does not fit the blocks: {0}")]
    Map(&'static str),
    /// A figure that nothing can be computed with.
    #[error("{0}")]
    Figure(&'static str),
}

impl From<Overflow> for SorError {
    fn from(_: Overflow) -> Self {
        Self::Figure("a figure is larger than the rules compute with")
    }
}

/// A file.
#[derive(Clone, Debug)]
pub struct Sor<'a> {
    /// 1 or 2.
    pub format: u8,
    /// The map's entries, without the map itself.
    pub blocks: Vec<Block<'a>>,
    /// What was measured.
    pub general: General<'a>,
    /// With what.
    pub supplier: Supplier<'a>,
    /// How.
    pub fixed: Fixed,
    /// The instrument's table of events.
    pub events: Vec<Event>,
    /// The instrument's totals.
    pub summary: Summary,
    /// What was measured, raw.
    pub samples: Samples<'a>,
    /// None where there is no `Cksum`.
    pub checksum: Option<Checksum>,
}

/// An entry of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Its name, without the zero.
    pub name: &'a [u8],
    /// Its version.
    pub version: u16,
    /// Its bytes.
    pub size: u32,
}

/// `GenParams`. Texts are as they stand in the file, without white space around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct General<'a> {
    /// The cable.
    pub cable: &'a [u8],
    /// The fibre.
    pub fibre: &'a [u8],
    /// ITU-T G. number; none in format 1.
    pub fibre_type: Option<u16>,
    /// Nanometres, whether the instrument wrote nanometres or tenths of one.
    pub wavelength_nm: u16,
    /// The near end.
    pub place_a: &'a [u8],
    /// The far end.
    pub place_b: &'a [u8],
    /// 100 ps.
    pub user_offset: i32,
    /// Who measured.
    pub operator: &'a [u8],
}

/// `SupParams`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supplier<'a> {
    /// Who makes it.
    pub supplier: &'a [u8],
    /// The instrument.
    pub otdr: &'a [u8],
    /// Its serial number.
    pub otdr_serial: &'a [u8],
    /// Its module.
    pub module: &'a [u8],
    /// The module's serial number.
    pub module_serial: &'a [u8],
    /// Its software.
    pub software: &'a [u8],
}

/// `FxdParams`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Seconds since 1970, by the instrument's clock.
    pub time: u32,
    /// `mt`, `km`, ….
    pub unit: [u8; 2],
    /// As written: nanometres or tenths of one.
    pub wavelength: u16,
    /// 100 ps.
    pub acquisition_offset: i32,
    /// Nanoseconds, one for each trace.
    pub pulse_ns: Vec<u16>,
    /// 100 ps of 10,000 points, one for each trace.
    pub spacing: Vec<u32>,
    /// 1e-5; not zero.
    pub group_index: u32,
    /// How many measurements were averaged.
    pub averages: u32,
    /// The instrument's own unit; none in format 1.
    pub averaging_time: Option<u16>,
    /// Acquisition range, 100 ps.
    pub range: u32,
    /// 100 ps.
    pub front_panel_offset: i32,
    /// As written.
    pub noise_floor: u16,
    /// mdB: a splice that loses less may not be seen.
    pub loss_threshold: u16,
    /// mdB, without its sign.
    pub reflectance_threshold: u16,
    /// mdB.
    pub end_threshold: u16,
    /// `ST` and others; none in format 1.
    pub trace_type: Option<[u8; 2]>,
}

/// A row of `KeyEvents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number as the instrument counts.
    pub number: u16,
    /// 100 ps, one way.
    pub time: u32,
    /// mdB/km of the section before it.
    pub slope: i16,
    /// mdB; negative where the fibre behind scatters more.
    pub loss: i16,
    /// mdB as written; `i32::MIN` or 0 where there is none.
    pub reflectance: i32,
    /// `1F9999`: reflective or not, then F (found), E (end) and others.
    pub code: [u8; 6],
    /// `LS`, `2P`.
    pub technique: [u8; 2],
}

/// What the instrument sums up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// mdB.
    pub total_loss: i32,
    /// 100 ps.
    pub from: i32,
    /// 100 ps.
    pub to: i32,
    /// mdB.
    pub return_loss: u16,
}

/// `DataPts`.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Points as the block's head says.
    pub points: u32,
    /// Traces.
    pub traces: u16,
    /// Thousandths.
    pub scale: u16,
    first: &'a [u8],
}

/// `Cksum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// As written.
    pub stored: u16,
    /// CRC-16/CCITT-FALSE of everything before.
    pub computed: u16,
}

impl Checksum {
    /// Whether they are the same. Most instruments write something else.
    pub const fn matches(&self) -> bool {
        self.stored == self.computed
    }
}

impl Event {
    /// Whether light comes back from it.
    pub fn is_reflective(&self) -> bool {
        !matches!(self.code, [b'0', ..])
    }

    /// Whether the fibre ends here.
    pub fn is_end(&self) -> bool {
        matches!(self.code, [_, b'E', ..])
    }

    /// mdB, where it was measured.
    pub const fn reflectance_measured(&self) -> Option<i32> {
        match self.reflectance {
            0 | i32::MIN => None,
            measured => Some(measured),
        }
    }
}

impl<'a> Samples<'a> {
    /// Samples of the first trace.
    pub const fn len(&self) -> usize {
        self.first.len() >> 1
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Samples of the first trace from one to before another; fewer where it ends.
    pub fn range(&self, from: usize, to: usize) -> impl Iterator<Item = u16> + 'a {
        let skip = from.saturating_mul(2).min(self.first.len());
        let end = to.saturating_mul(2).clamp(skip, self.first.len());
        let bytes = self.first.get(skip..end).unwrap_or_default();
        bytes.chunks_exact(2).map(|pair| match pair {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        })
    }

    /// All samples of the first trace.
    pub fn iter(&self) -> impl Iterator<Item = u16> + 'a {
        self.range(0, self.len())
    }

    /// SHA-256 of the first trace's samples as they stand in the file: by this an acquisition is known
    /// again.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.first).into()
    }
}

impl Sor<'_> {
    /// Millimetres from the zero of the table of events, by the file's own group index.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn distance_mm(&self, time: impl Into<Int>) -> Result<i64, Overflow> {
        let index = int(self.fixed.group_index);
        (time.into() * LIGHT + index * 50)
            .div_floor(index * 100)
            .get()
    }

    /// Millimetres that the pulse covers.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn pulse_mm(&self) -> Result<i64, Overflow> {
        let pulse = self.fixed.pulse_ns.first().copied().unwrap_or_default();
        (int(pulse) * LIGHT)
            .div_floor(int(self.fixed.group_index) * 20)
            .get()
    }

    /// The event at which the fibre ends: the first that says so, otherwise the last.
    pub fn end(&self) -> Option<&Event> {
        let first = self.events.iter().find(|event| event.is_end());
        first.or_else(|| self.events.last())
    }
}

/// Reads a file.
///
/// # Errors
/// [`SorError`].
pub fn parse(file: &[u8]) -> Result<Sor<'_>, SorError> {
    if file.len() > SOR_BYTES_MAX {
        return Err(SorError::TooMany {
            what: "bytes",
            limit: "SOR_BYTES_MAX",
            max: SOR_BYTES_MAX,
        });
    }
    let mut cursor = Cursor::new(file, "the map");
    let named = file.starts_with(b"Map\0");
    if named {
        cursor.skip(4)?;
    }
    let version = cursor.u16()?;
    let format = match (named, version) {
        (true, 200..=299) => 2,
        (false, 100..=199) => 1,
        _ => return Err(SorError::Unknown),
    };
    let map_bytes = cursor.u32()?;
    let count = usize::from(cursor.u16()?);
    if count > SOR_BLOCKS_MAX {
        return Err(SorError::TooMany {
            what: "blocks",
            limit: "SOR_BLOCKS_MAX",
            max: SOR_BLOCKS_MAX,
        });
    }
    let mut blocks = Vec::new();
    for _ in 1..count {
        let name = cursor.text(SOR_NAME_BYTES_MAX)?;
        blocks.push(Block {
            name,
            version: cursor.u16()?,
            size: cursor.u32()?,
        });
    }
    let map_bytes = usize::try_from(map_bytes).map_err(|_| SorError::Map("its length"))?;
    if cursor.position() > map_bytes {
        return Err(SorError::Map("it is longer than it says"));
    }
    blocks::read(file, format, map_bytes, blocks)
}
