//! Work orders: what is to be measured, and by whose instruments.
//!
//! An order is of fibres, or of the sectors of a radio site, as the contract's ruleset is. It gives each of them
//! a nonce that instruments sign along: so a trace was made for this order
//! and this try. It is `keccak256(seed ‖ fibre ‖ attempt)`; a fibre that is rejected gets the next one, and
//! what was signed under the one before says nothing any more.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Outcome, ensure};
use commonhold_reading::DeviceId;
use commonhold_system::devices;

use crate::{
    acceptance::{fibre, integrity::Terms, radio::SectorDesign},
    book::{self, add, belongs, known, stands},
    contracts::runs,
    interface::IWorks::{
        Design, Kind, MilestoneState, OrderIssued, UnfitTime, Verdict, issueOrderCall,
    },
    limits::{INSTRUMENTS_MAX, ORDER_FIBRES_MAX, ORDER_SECTORS_MAX, WAVELENGTHS_MAX},
    people::{CERTIFIER, OWNER, acting},
    shape::{self, bytes_of},
    state::{DESIGNS, FIBRES, FibreRow, MILESTONES, MilestoneRow, ORDERS, OrderRow},
    trace::Tolerance,
};

/// Hertz that a band may reach: a thousand THz.
const BAND_HZ_MAX: u64 = 1_000_000_000_000_000;

pub(super) fn issue_order(ctx: &mut Context<'_>, call: issueOrderCall) -> Outcome<u64> {
    let issueOrderCall {
        contract_: contract,
        milestone,
        design,
    } = call;
    let (row, _) = acting(ctx, contract, OWNER | CERTIFIER)?;
    runs(&row, contract)?;
    let list = MILESTONES.at(&contract);
    let step = known(ctx, &list, Kind::Milestone, milestone.into())?;
    let open = [MilestoneState::Open as u8, MilestoneState::Refused as u8];
    stands(
        step.tested && open.contains(&step.state),
        Kind::Milestone,
        milestone.into(),
    )?;
    fit_design(&design)?;
    if row.radio {
        fit_sectors(&design)?;
    } else {
        fit_fibres(&design)?;
    }
    for instrument in &design.instruments {
        devices::device(ctx, DeviceId(instrument.device))?;
    }
    let block = ctx.block();
    let of = ORDERS.len(ctx)?;
    let seed = seed((block.chain_id, block.number, block.timestamp), of, &design);
    let names = names(&design);
    let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let order = OrderRow {
        contract,
        milestone,
        fibres: count,
        issued_at: ctx.now(),
        issuer: ctx.caller(),
        seed,
        ..OrderRow::default()
    };
    let number = add(ctx, &ORDERS, &order)?;
    book::keep(ctx, &DESIGNS.at(&number), &design)?;
    let fibres = FIBRES.at(&number);
    let places: Vec<_> = names.iter().map(|name| fibres.at(name)).collect();
    let announced: Vec<&dyn commonhold_module::storage::Place> =
        places.iter().map(|place| place as _).collect();
    ctx.fetch(&announced)?;
    for (place, number) in places.iter().zip(1u16..) {
        let before = place.read(ctx)?;
        // A fibre, or a sector, stands in an order once.
        shape::figure(before.place == 0, "fibres", U256::from(number))?;
        let row = FibreRow {
            place: number,
            ..FibreRow::default()
        };
        place.write(ctx, &row)?;
    }
    let step = MilestoneRow {
        orders: step.orders.saturating_add(1),
        ..step
    };
    book::write(ctx, &list, milestone.into(), &step)?;
    belongs(ctx, Kind::Order, contract, number)?;
    ctx.emit(OrderIssued {
        number,
        contract_: contract,
        milestone,
        fibres: count.into(),
    })?;
    Ok(number)
}

/// What orders of fibres and of sectors have in common.
fn fit_design(design: &Design) -> Outcome<()> {
    shape::some(design.instruments.len(), INSTRUMENTS_MAX)?;
    let place = (design.latitude.abs_diff(0), design.longitude.abs_diff(0));
    let fits = place.0 <= 900_000_000 && place.1 <= 1_800_000_000;
    shape::figure(fits, "place", U256::from(place.0))?;
    // Within ten kilometres positions are compared exactly.
    let radius = design.radiusMm;
    shape::figure(radius <= 10_000_000, "radiusMm", U256::from(radius))?;
    ensure(design.windowFrom <= design.windowTo, || UnfitTime {
        time: design.windowTo,
        now: design.windowFrom,
    })
}

fn fit_fibres(design: &Design) -> Outcome<()> {
    shape::at_most(design.sectors.len(), 0)?;
    shape::some(design.fibres.len(), ORDER_FIBRES_MAX)?;
    shape::some(design.wavelengths.len(), WAVELENGTHS_MAX)?;
    let band = design.bandFromHz.max(design.bandToHz);
    shape::figure(band == 0, "bandToHz", U256::from(band))?;
    if !design.cable.is_zero() {
        shape::plain(&design.cable, "cable")?;
    }
    for fibre in &design.fibres {
        shape::plain(fibre, "fibre")?;
    }
    for instrument in &design.instruments {
        if !instrument.serial.is_zero() {
            shape::plain(&instrument.serial, "serial")?;
        }
    }
    let mut sorted = design.wavelengths.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let once = sorted.len() == design.wavelengths.len() && sorted.first() != Some(&0);
    shape::figure(once, "wavelengths", U256::from(design.wavelengths.len()))?;
    let indices = design.groupIndices.len();
    let fits = indices == 0 || indices == design.wavelengths.len();
    shape::figure(fits, "groupIndices", U256::from(indices))?;
    // A thousand kilometres: no reflectometer sees further.
    let length = design.lengthMm;
    let fits = (1..=1_000_000_000).contains(&length);
    shape::figure(fits, "lengthMm", U256::from(length))
}

fn fit_sectors(design: &Design) -> Outcome<()> {
    shape::some(design.sectors.len(), ORDER_SECTORS_MAX)?;
    let of_fibres = [
        design.fibres.len(),
        design.wavelengths.len(),
        design.groupIndices.len(),
    ];
    shape::at_most(of_fibres.into_iter().max().unwrap_or_default(), 0)?;
    let of_fibres = [
        design.lengthMm,
        design.splices.into(),
        design.connectors.into(),
        design.pulseMaxNs.into(),
        design.bidirectional.into(),
    ];
    let most = of_fibres.into_iter().max().unwrap_or_default();
    let none = most == 0 && design.cable.is_zero();
    shape::figure(none, "lengthMm", U256::from(most))?;
    let (from, to) = (design.bandFromHz, design.bandToHz);
    let fits = from <= to && to <= BAND_HZ_MAX;
    shape::figure(fits, "bandToHz", U256::from(to))?;
    for sector in &design.sectors {
        shape::plain(&sector.name, "sector")?;
        let azimuth = sector.azimuth;
        let fits = (0..36_000).contains(&azimuth);
        shape::figure(fits, "azimuth", U256::from(azimuth.unsigned_abs()))?;
        let tilt = sector.tilt.unsigned_abs();
        shape::figure(tilt <= 9_000, "tilt", U256::from(tilt))?;
        // A kilometre, and a megawatt.
        let height = sector.heightMm;
        let fits = (0..=1_000_000).contains(&height);
        shape::figure(fits, "heightMm", U256::from(height.unsigned_abs()))?;
        let power = sector.power.unsigned_abs();
        shape::figure(power <= 9_000, "power", U256::from(power))?;
    }
    Ok(())
}

/// What an order asks for.
pub(super) fn design(ctx: &mut Context<'_>, order: u64) -> Outcome<Design> {
    book::surely(ctx, &DESIGNS.at(&order))
}

/// What an order's nonces are made of: where it was issued (chain, block, the block's seconds), how many orders
/// there were before it, and what it asks for.
pub fn seed((chain, block, timestamp): (u64, u64, u64), before: u64, design: &Design) -> B256 {
    let made = [chain, block, timestamp, before].map(U256::from);
    let [chain, block, timestamp, before] = made;
    let made = (chain, block, timestamp, before).abi_encode();
    keccak256([made, design.abi_encode()].concat())
}

/// The nonce of a try at a fibre.
pub fn nonce(seed: &B256, fibre: &B256, attempt: u32) -> B256 {
    keccak256([seed.as_slice(), fibre.as_slice(), &attempt.to_be_bytes()].concat())
}

/// What an order's fibres or sectors are called.
pub fn names(design: &Design) -> Vec<B256> {
    let sectors = design.sectors.iter().map(|sector| sector.name);
    design.fibres.iter().copied().chain(sectors).collect()
}

/// A sector of an order, for the rules about radio sites.
pub fn of_sector(design: &Design, name: &B256) -> Option<SectorDesign> {
    let sector = design.sectors.iter().find(|sector| sector.name == *name)?;
    Some(SectorDesign {
        latitude: design.latitude,
        longitude: design.longitude,
        azimuth: sector.azimuth,
        tilt: sector.tilt,
        height: sector.heightMm,
        power: sector.power,
    })
}

/// The band that sweeps cover, in millihertz, where the order asks for one.
pub fn band(design: &Design) -> Option<(i64, i64)> {
    let millihertz = |hertz: u64| i64::try_from(hertz).ok()?.checked_mul(1_000);
    let band = millihertz(design.bandFromHz).zip(millihertz(design.bandToHz));
    band.filter(|_| design.bandToHz != 0)
}

/// A design, for the rules about fibres.
pub fn of_fibre(design: &Design) -> fibre::Design {
    fibre::Design {
        length_mm: i64::try_from(design.lengthMm).unwrap_or(i64::MAX),
        splices: design.splices.into(),
        connectors: design.connectors.into(),
        wavelengths: design.wavelengths.clone(),
        bidirectional: design.bidirectional,
    }
}

/// A design, for the rules about evidence.
pub fn of_evidence(design: &Design, tolerance: Tolerance) -> Terms {
    let text = |word: &B256| bytes_of(word).to_vec();
    // Some instruments write none: then who signs is what tells them.
    let serials = || {
        design
            .instruments
            .iter()
            .map(|instrument| &instrument.serial)
    };
    let said = serials().all(|serial| !serial.is_zero());
    let indices = design.wavelengths.iter().zip(&design.groupIndices);
    Terms {
        cable: text(&design.cable),
        fibres: design.fibres.iter().map(text).collect(),
        wavelengths: design.wavelengths.clone(),
        instruments: serials().filter(|_| said).map(text).collect(),
        window: Some((design.windowFrom, design.windowTo)),
        pulse_ns_max: (design.pulseMaxNs != 0).then_some(design.pulseMaxNs),
        averaging_s_min: design.averagingMinS.into(),
        group_index: indices.map(|(nm, index)| (*nm, *index)).collect(),
        tolerance,
    }
}

/// Which files make a fibre's evidence whole: a bit for each slot. Of a sector it is one.
pub fn whole(design: &Design) -> u16 {
    if !design.sectors.is_empty() {
        return bit(0);
    }
    let ends: &[u8] = if design.bidirectional { &[0, 1] } else { &[0] };
    let mut files = 0u16;
    for place in 0..design.wavelengths.len() {
        for end in ends {
            files |= bit(slot(place, *end));
        }
    }
    files
}

/// The slot of a wavelength's place and an end.
pub fn slot(place: usize, end: u8) -> u8 {
    let place = u8::try_from(place).unwrap_or(u8::MAX);
    place.saturating_mul(2).saturating_add(end)
}

/// The bit of a slot.
pub fn bit(slot: u8) -> u16 {
    1u16.checked_shl(slot.into()).unwrap_or_default()
}

/// A verdict as it was written.
pub(super) fn verdict(row: &FibreRow) -> Outcome<Verdict> {
    Verdict::try_from(row.verdict)
        .map_err(|_| commonhold_module::Fault::Fatal(format!("a verdict {}", row.verdict)))
}
