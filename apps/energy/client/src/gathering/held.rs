//! What had become of a month's certificates.

use std::collections::BTreeMap;

use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{CertificateClaimed, CertificateWithdrawn, certificatesOfCall},
    limits::CERTIFICATES_PER_CALL_MAX,
};
use commonhold_sdk::{Client, SdkError};

use super::of_slots;
use crate::{
    evidence::{ClaimTold, Evidence, Held, HeldTold},
    ledger::Told,
};

/// The places that anything was ever said to be generated at, slot by slot.
fn places(evidence: &Evidence, only: Option<u32>) -> Vec<(u64, u32)> {
    let mut places = Vec::new();
    for told in &evidence.slots {
        let seats = evidence.seats.iter();
        let there = seats.filter(|seat| seat.from <= told.slot && !seat.technology.is_zero());
        for seat in there.filter(|seat| only.is_none_or(|only| only == seat.index)) {
            let (first, last) = evidence.generated(told, seat.index);
            // A correction between the two may have issued what is taken back by now.
            let corrected = told.notes.iter().any(|note| note.index == seat.index);
            if first != 0 || last != 0 || corrected {
                places.push((told.slot, seat.index));
            }
        }
    }
    places
}

pub(super) fn held(
    client: &Client,
    evidence: &Evidence,
    slots: &[u64],
    only: Option<u32>,
) -> Result<Held, SdkError> {
    let number = evidence.community;
    let mut taken = BTreeMap::<_, u64>::new();
    for Told { event, .. } in of_slots::<CertificateWithdrawn>(client, number, slots, only)? {
        let sum = taken.entry((event.slot, event.index)).or_default();
        *sum = sum.saturating_add(event.wh);
    }
    let claims = of_slots::<CertificateClaimed>(client, number, slots, None)?;
    let claims = claims.into_iter().map(|Told { event, .. }| ClaimTold {
        slot: event.slot,
        index: event.consumer,
        wh: event.wh,
    });
    let mut held = Held {
        certificates: Vec::new(),
        claims: claims.collect(),
    };
    for some in places(evidence, only).chunks(CERTIFICATES_PER_CALL_MAX) {
        let (slots, indexes) = some.iter().copied().unzip();
        let call = certificatesOfCall {
            number,
            slots,
            indexes,
        };
        let told = client.call(ADDRESS, &call)?;
        if told.len() != some.len() {
            let why = "the node tells of other certificates than were asked for";
            return Err(SdkError::Integrity(why.to_owned()));
        }
        for (at, told) in some.iter().zip(told) {
            if told.id.is_zero() {
                continue;
            }
            let (slot, index) = *at;
            held.certificates.push(HeldTold {
                slot,
                index,
                id: told.id,
                states: [
                    told.stock.active,
                    told.stock.claimed,
                    told.stock.expired,
                    told.stock.withdrawn,
                    told.stock.locked,
                ],
                own: told.own,
                owed: told.owed,
                taken_back: taken.get(at).copied().unwrap_or_default(),
            });
        }
    }
    Ok(held)
}
