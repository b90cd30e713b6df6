//! Readings against their meters' keys.

use std::collections::BTreeMap;

use commonhold_energy_contract::{
    measuring::{measure, through},
    packing::Reading,
};
use commonhold_sdk::reading::{Algorithm, DeviceId, DeviceKey, Envelope};

use super::Tally;
use crate::evidence::{Evidence, RulesFrom, SlotTold};

/// Keys, each known to be the one that its device's id is the hash of.
pub(super) struct Signers(BTreeMap<DeviceId, DeviceKey>);

impl Signers {
    pub(super) fn of(evidence: &Evidence, tally: &mut Tally) -> Self {
        let mut keys = BTreeMap::new();
        for (id, told) in &evidence.keys {
            let key = Algorithm::from_number(told.algorithm)
                .and_then(|algorithm| DeviceKey::new(algorithm, &told.key));
            let right = key.as_ref().is_ok_and(|key| key.id() == *id);
            tally.check("signed", right, || {
                format!("the key of device {id} is another's")
            });
            if let (Ok(key), true) = (key, right) {
                keys.insert(*id, key);
            }
        }
        Self(keys)
    }
}

pub(super) fn check(
    evidence: &Evidence,
    told: &SlotTold,
    rules: &RulesFrom,
    signers: &Signers,
    tally: &mut Tally,
) {
    for line in &told.lines {
        let said = said(evidence, told, (line.index, &line.signed), rules, signers);
        let fault = match said {
            Err(fault) => Some(fault),
            Ok(said)
                if (said.net, said.version, said.quality)
                    == (line.net, line.version, line.quality) =>
            {
                None
            }
            Ok(_) => Some("its reading says something else"),
        };
        tally.check("signed", fault.is_none(), || {
            let why = fault.unwrap_or_default();
            format!("slot {}, place {}: {why}", told.slot, line.index)
        });
    }
    // What the network operator decided is signed by no device.
    for note in told.notes.iter().filter(|note| !note.signed.is_empty()) {
        let said = said(evidence, told, (note.index, &note.signed), rules, signers);
        let right = said.is_ok_and(|said| said.net == note.net);
        tally.check("signed", right, || {
            format!(
                "slot {}, place {}: its correction is not its reading",
                told.slot, note.index
            )
        });
    }
}

/// What a signed reading says, where it is one of a place's meter and slot.
fn said(
    evidence: &Evidence,
    told: &SlotTold,
    (index, signed): (u32, &[u8]),
    rules: &RulesFrom,
    signers: &Signers,
) -> Result<Reading, &'static str> {
    let seat = evidence.seat_at(index, told.slot);
    let seat = seat.ok_or("nobody is at this place")?;
    let envelope = Envelope::parse(signed).map_err(|_| "its reading is none")?;
    if envelope.subject() != seat.meter {
        return Err("its reading is of another meter");
    }
    let key = signers.0.get(&envelope.device());
    if key.is_none_or(|key| envelope.verify(key).is_err()) {
        return Err("its reading is not signed by its device");
    }
    let said = measure(envelope.reading(), told.slot, rules.slot_seconds)
        .map_err(|_| "its reading is of another slot or says no net energy")?
        .reading;
    if said.net.unsigned_abs() > through(seat.fuse, rules.slot_seconds) {
        return Err("its reading is beyond its fuse");
    }
    Ok(said)
}
