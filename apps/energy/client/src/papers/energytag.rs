//! Certificates as registries exchange them: bundles of granular certificates with the fields of EnergyTag's
//! standard, version 2. One certificate is one Wh.

use alloy_primitives::{Address, B256, Bytes, keccak256};
use serde::Serialize;

use crate::{evidence::Evidence, moments};

/// The state of a bundle's Wh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Status {
    /// May be transferred, claimed, locked.
    Active,
    /// Stand for a Wh that was consumed in their slot.
    Claimed,
    /// Were not used in time.
    Expired,
    /// Were taken back.
    Withdrawn,
    /// Held for another registry.
    Locked,
}

/// So many Wh of one certificate that are in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bundle {
    /// Names the certificate: the same for all of its bundles.
    pub issuance_id: B256,
    /// The state.
    pub certificate_bundle_status: Status,
    /// Whose they are; where they are claimed, whose production they were.
    pub account_id: Address,
    /// The first of them, counted within the certificate.
    pub certificate_bundle_id_range_start: u64,
    /// The last.
    pub certificate_bundle_id_range_end: u64,
    /// How many there are.
    pub bundle_quantity: u64,
    /// What form of energy.
    pub energy_carrier: &'static str,
    /// What it was generated with, by the hash of its code, as the ledger has it.
    pub energy_source: B256,
    /// Wh of one certificate.
    pub face_value: u64,
    /// Whether it was converted from another form.
    pub issuance_post_energy_carrier_conversion: bool,
    /// The configuration of the registry: 1, the only one for its zone.
    pub registry_configuration: u8,
    /// The meter.
    pub device_id: B256,
    /// Whether it comes from a storage.
    pub is_storage: bool,
    /// When the interval begins.
    pub production_starting_interval: String,
    /// When it ends.
    pub production_ending_interval: String,
    /// Until when it is used.
    pub expiry_datestamp: String,
    /// Who answers for it.
    pub issuing_body: Address,
    /// Where.
    pub issue_market_zone: B256,
    /// What all that was signed hashes to: keccak-256 of the reading.
    pub hash: B256,
}

/// An export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Export {
    /// The standard.
    pub standard: &'static str,
    /// The network.
    pub chain: u64,
    /// The community.
    pub community: u64,
    /// All Wh that were issued in the time.
    pub issued_wh: u64,
    /// Bundle by bundle: each Wh is in one.
    pub bundles: Vec<Bundle>,
}

/// Wh of one certificate by their state, in the order of [`Status`].
pub type States = [u64; 5];

const STATES: [Status; 5] = [
    Status::Active,
    Status::Claimed,
    Status::Expired,
    Status::Withdrawn,
    Status::Locked,
];

/// A certificate of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The slot.
    pub slot: u64,
    /// The place of its meter.
    pub index: u32,
    /// Whose production it was.
    pub household: Address,
    /// Names it: keccak-256 of meter, slot and the reading's version, as the ledger has it.
    pub id: B256,
    /// How many Wh.
    pub wh: u64,
    /// By their state.
    pub states: States,
    /// What of the claimed ones the household used itself.
    pub own: u64,
    /// What was signed.
    pub signed: Bytes,
}

/// All certificates of a month as they stood when the evidence was gathered, by slot and place.
pub fn certificates(evidence: &Evidence) -> Vec<Certificate> {
    let mut all = Vec::new();
    for held in &evidence.held.certificates {
        let told = evidence.slots.iter().find(|told| told.slot == held.slot);
        let Some((told, seat)) = told.zip(evidence.seat_at(held.index, held.slot)) else {
            continue;
        };
        let line = told.line(held.index);
        let note = || told.notes.iter().find(|note| note.index == held.index);
        // Where nothing was read in time, a correction brought the first reading.
        let signed = line.map(|line| &line.signed);
        let signed = signed.or_else(|| note().map(|note| &note.signed));
        let states = held.states.iter();
        all.push(Certificate {
            slot: held.slot,
            index: held.index,
            household: seat.household,
            id: held.id,
            wh: states.fold(0u64, |sum, wh| sum.saturating_add(*wh)),
            states: held.states,
            own: held.own,
            signed: signed.cloned().unwrap_or_default(),
        });
    }
    all
}

/// Certificates as an export.
pub fn export(evidence: &Evidence, certificates: &[Certificate]) -> Export {
    let mut found = Export {
        standard: "EnergyTag Granular Certificate scheme v2",
        chain: evidence.chain,
        community: evidence.community,
        issued_wh: 0,
        bundles: Vec::new(),
    };
    for one in certificates {
        let Some(seat) = evidence.seat_at(one.index, one.slot) else {
            continue;
        };
        let rules = evidence.rules_at(one.slot);
        let seconds = rules.map_or(0, |rules| u64::from(rules.slot_seconds));
        let end = one.slot.saturating_add(seconds);
        let year = commonhold_energy_contract::limits::CERTIFICATE_SECONDS;
        found.issued_wh = found.issued_wh.saturating_add(one.wh);
        let mut start = 0u64;
        for (status, wh) in STATES.into_iter().zip(one.states) {
            let Some(last) = wh.checked_sub(1) else {
                continue;
            };
            found.bundles.push(Bundle {
                issuance_id: one.id,
                certificate_bundle_status: status,
                account_id: one.household,
                certificate_bundle_id_range_start: start,
                certificate_bundle_id_range_end: start.saturating_add(last),
                bundle_quantity: wh,
                energy_carrier: "Electricity",
                energy_source: seat.technology,
                face_value: 1,
                issuance_post_energy_carrier_conversion: false,
                registry_configuration: 1,
                device_id: seat.meter.0,
                is_storage: false,
                production_starting_interval: moments::show(one.slot),
                production_ending_interval: moments::show(end),
                expiry_datestamp: moments::show(end.saturating_add(year)),
                issuing_body: evidence.network,
                issue_market_zone: evidence.zone,
                hash: keccak256(&one.signed),
            });
            start = start.saturating_add(wh);
        }
    }
    found
}
