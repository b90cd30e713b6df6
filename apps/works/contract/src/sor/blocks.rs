//! The blocks that the rules need.

use super::{
    Block, Checksum, Event, Fixed, General, Samples, Sor, SorError, Summary, Supplier, crc::crc,
    cursor::Cursor,
};
use crate::limits::{SOR_EVENTS_MAX, SOR_TRACES_MAX};

/// Tenths of a nanometre begin above this: nobody measures fibre at more nanometres.
const WAVELENGTH_NM_MAX: u16 = 3000;

/// Where a block stands.
#[derive(Clone, Copy)]
struct Span {
    from: usize,
    to: usize,
}

/// The blocks that the rules need, where they stand.
#[derive(Default)]
struct Places {
    general: Option<Span>,
    supplier: Option<Span>,
    fixed: Option<Span>,
    events: Option<Span>,
    samples: Option<Span>,
    checksum: Option<Span>,
}

impl Places {
    fn of(&mut self, name: &[u8]) -> Option<(&mut Option<Span>, &'static str)> {
        match name {
            b"GenParams" => Some((&mut self.general, "GenParams")),
            b"SupParams" => Some((&mut self.supplier, "SupParams")),
            b"FxdParams" => Some((&mut self.fixed, "FxdParams")),
            b"KeyEvents" => Some((&mut self.events, "KeyEvents")),
            b"DataPts" => Some((&mut self.samples, "DataPts")),
            b"Cksum" => Some((&mut self.checksum, "Cksum")),
            _ => None,
        }
    }
}

/// Reads the blocks that follow the map.
pub(super) fn read<'a>(
    file: &'a [u8],
    format: u8,
    map_bytes: usize,
    blocks: Vec<Block<'a>>,
) -> Result<Sor<'a>, SorError> {
    let mut places = Places::default();
    let mut from = map_bytes;
    for block in &blocks {
        let size = usize::try_from(block.size).map_err(|_| SorError::Truncated("a block"))?;
        let to = from.checked_add(size).filter(|to| *to <= file.len());
        let known = places.of(block.name);
        let name = known.as_ref().map_or("a block", |(_, name)| *name);
        let to = to.ok_or(SorError::Truncated(name))?;
        if let Some((place, name)) = known
            && place.replace(Span { from, to }).is_some()
        {
            return Err(SorError::Twice(name));
        }
        from = to;
    }
    let block = |span: Option<Span>, name: &'static str| {
        let span = span.ok_or(SorError::Missing(name))?;
        let bytes = file.get(span.from..span.to).unwrap_or_default();
        let mut cursor = Cursor::new(bytes, name);
        if format == 2 {
            let head = cursor.text(name.len())?;
            if head != name.as_bytes() {
                return Err(SorError::Map("a block does not begin with its name"));
            }
        }
        Ok(cursor)
    };
    let checksum = match places.checksum {
        None => None,
        Some(span) => {
            let mut cursor = block(Some(span), "Cksum")?;
            let before = span.from.checked_add(cursor.position());
            let before = before.and_then(|end| file.get(..end)).unwrap_or_default();
            Some(Checksum {
                stored: cursor.u16()?,
                computed: crc(before),
            })
        }
    };
    let fixed = fixed(block(places.fixed, "FxdParams")?, format)?;
    let (events, summary) = events(block(places.events, "KeyEvents")?, format)?;
    Ok(Sor {
        format,
        general: general(block(places.general, "GenParams")?, format)?,
        supplier: supplier(block(places.supplier, "SupParams")?)?,
        fixed,
        events,
        summary,
        samples: samples(block(places.samples, "DataPts")?)?,
        checksum,
        blocks,
    })
}

fn general(mut at: Cursor<'_>, format: u8) -> Result<General<'_>, SorError> {
    at.skip(2)?;
    let (cable, fibre) = (at.trimmed()?, at.trimmed()?);
    let fibre_type = if format == 2 { Some(at.u16()?) } else { None };
    let wavelength = at.u16()?;
    let (place_a, place_b) = (at.trimmed()?, at.trimmed()?);
    at.trimmed()?;
    at.skip(2)?;
    let user_offset = at.i32()?;
    if format == 2 {
        at.skip(4)?;
    }
    Ok(General {
        cable,
        fibre,
        fibre_type,
        wavelength_nm: nanometres(wavelength),
        place_a,
        place_b,
        user_offset,
        operator: at.trimmed()?,
    })
}

/// Nanometres of what is written in nanometres or in tenths of one.
const fn nanometres(written: u16) -> u16 {
    if written > WAVELENGTH_NM_MAX {
        written.saturating_add(5).wrapping_div(10)
    } else {
        written
    }
}

fn supplier(mut at: Cursor<'_>) -> Result<Supplier<'_>, SorError> {
    Ok(Supplier {
        supplier: at.trimmed()?,
        otdr: at.trimmed()?,
        otdr_serial: at.trimmed()?,
        module: at.trimmed()?,
        module_serial: at.trimmed()?,
        software: at.trimmed()?,
    })
}

fn fixed(mut at: Cursor<'_>, format: u8) -> Result<Fixed, SorError> {
    let newer = format == 2;
    let time = at.u32()?;
    let unit = at.array()?;
    let wavelength = at.u16()?;
    let acquisition_offset = at.i32()?;
    if newer {
        at.skip(4)?;
    }
    let traces = usize::from(at.u16()?);
    if traces > SOR_TRACES_MAX {
        return Err(SorError::TooMany {
            what: "traces",
            limit: "SOR_TRACES_MAX",
            max: SOR_TRACES_MAX,
        });
    }
    let mut fixed = Fixed {
        time,
        unit,
        wavelength,
        acquisition_offset,
        ..Fixed::default()
    };
    for _ in 0..traces {
        fixed.pulse_ns.push(at.u16()?);
    }
    for _ in 0..traces {
        fixed.spacing.push(at.u32()?);
    }
    for _ in 0..traces {
        at.skip(4)?;
    }
    fixed.group_index = at.u32()?;
    if fixed.group_index == 0 {
        return Err(SorError::Figure("the group index is zero"));
    }
    at.skip(2)?;
    fixed.averages = at.u32()?;
    if newer {
        fixed.averaging_time = Some(at.u16()?);
    }
    fixed.range = at.u32()?;
    if newer {
        at.skip(4)?;
    }
    fixed.front_panel_offset = at.i32()?;
    fixed.noise_floor = at.u16()?;
    at.skip(4)?;
    fixed.loss_threshold = at.u16()?;
    fixed.reflectance_threshold = at.u16()?;
    fixed.end_threshold = at.u16()?;
    if newer {
        fixed.trace_type = Some(at.array()?);
    }
    Ok(fixed)
}

fn events(mut at: Cursor<'_>, format: u8) -> Result<(Vec<Event>, Summary), SorError> {
    let count = usize::from(at.u16()?);
    if count > SOR_EVENTS_MAX {
        return Err(SorError::TooMany {
            what: "events",
            limit: "SOR_EVENTS_MAX",
            max: SOR_EVENTS_MAX,
        });
    }
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(Event {
            number: at.u16()?,
            time: at.u32()?,
            slope: at.i16()?,
            loss: at.i16()?,
            reflectance: at.i32()?,
            code: at.array()?,
            technique: at.array()?,
        });
        if format == 2 {
            at.skip(20)?;
        }
        at.trimmed()?;
    }
    let summary = Summary {
        total_loss: at.i32()?,
        from: at.i32()?,
        to: at.i32()?,
        return_loss: at.u16()?,
    };
    at.skip(8)?;
    Ok((events, summary))
}

fn samples(mut at: Cursor<'_>) -> Result<Samples<'_>, SorError> {
    let points = at.u32()?;
    let traces = at.u16()?;
    if usize::from(traces) > SOR_TRACES_MAX {
        return Err(SorError::TooMany {
            what: "traces",
            limit: "SOR_TRACES_MAX",
            max: SOR_TRACES_MAX,
        });
    }
    let mut first = None;
    for _ in 0..traces {
        let count = usize::try_from(at.u32()?).map_err(|_| SorError::Truncated("DataPts"))?;
        let scale = at.u16()?;
        let bytes = count.checked_mul(2).ok_or(SorError::Truncated("DataPts"))?;
        let taken = at.take(bytes)?;
        first = first.or(Some((scale, taken)));
    }
    let (scale, first) = first.ok_or(SorError::Figure("there is no trace in DataPts"))?;
    Ok(Samples {
        points,
        traces,
        scale,
        first,
    })
}
