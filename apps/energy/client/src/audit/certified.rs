//! Certificates against readings: what was generated is issued once, every Wh of it is in one state, and what is
//! claimed was consumed in its slot.

use std::collections::BTreeMap;

use super::Tally;
use crate::evidence::{Evidence, HeldTold, SlotTold};

/// By slot and place: the certificates, and what is claimed for a place's consumption.
pub(super) struct Certificates<'a> {
    held: BTreeMap<(u64, u32), &'a HeldTold>,
    claimed: BTreeMap<(u64, u32), u64>,
}

impl<'a> Certificates<'a> {
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        let all = evidence.held.certificates.iter();
        let held = all.map(|one| ((one.slot, one.index), one)).collect();
        let mut claimed = BTreeMap::<_, u64>::new();
        for one in &evidence.held.claims {
            let sum = claimed.entry((one.slot, one.index)).or_default();
            *sum = sum.saturating_add(one.wh);
        }
        Self { held, claimed }
    }

    /// What is left over has no reading that it is of.
    pub(super) fn rest(self, tally: &mut Tally) {
        for (slot, index) in self.held.into_keys().chain(self.claimed.into_keys()) {
            tally.check("I9", false, || {
                format!("slot {slot}, place {index}: a certificate or a claim of nothing")
            });
        }
    }

    pub(super) fn check(&mut self, evidence: &Evidence, told: &SlotTold, tally: &mut Tally) {
        for seat in evidence.seats.iter().filter(|seat| seat.from <= told.slot) {
            let key = (told.slot, seat.index);
            let at = |what: String| format!("slot {}, place {}: {what}", told.slot, seat.index);
            let (_, generated) = evidence.generated(told, seat.index);
            let generated = if seat.technology.is_zero() {
                0
            } else {
                generated
            };
            let held = self.held.remove(&key);
            let stock = held.map_or_else(Default::default, Clone::clone);
            let [active, claimed, expired, withdrawn, locked] = stock.states.map(u128::from);
            let stands = [active, claimed, expired, locked].iter().sum::<u128>();
            // What a correction could not take back stands still; what its issuer took does not.
            let follows = u128::from(generated).saturating_add(stock.owed.into());
            let whole = stands.saturating_add(stock.taken_back.into()) == follows
                && withdrawn >= u128::from(stock.taken_back);
            tally.check("I9", whole, || {
                at(format!(
                    "{generated} Wh were generated, {stands} are certified and {} were withdrawn, {} are owed",
                    stock.taken_back, stock.owed
                ))
            });
            let line = told.line(seat.index);
            let measured = line.map(|line| line.net);
            let notes = told.notes.iter().filter(|note| note.index == seat.index);
            let versions = measured.into_iter().chain(notes.map(|note| note.net));
            // What was claimed before a correction stands.
            let consumed = versions.max().unwrap_or_default().max(0).unsigned_abs();
            let given = line
                .filter(|line| line.net > 0)
                .map_or(0, |line| line.local);
            let more = self.claimed.remove(&key).unwrap_or_default();
            let used = given.saturating_add(more);
            tally.check("I9", used <= consumed, || {
                at(format!(
                    "{used} Wh are claimed for {consumed} that were consumed"
                ))
            });
            let local = line
                .filter(|line| line.net < 0)
                .map_or(0, |line| line.local);
            let own = local.saturating_add(stock.own);
            let kept = seat.technology.is_zero() || claimed >= own.into();
            tally.check("I9", kept, || {
                at(format!(
                    "{own} Wh were used by neighbours and at home, {claimed} are claimed"
                ))
            });
        }
    }
}
