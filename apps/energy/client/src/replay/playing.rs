//! Slots, reported, cleared and settled: one carefully, then many at a time.
//!
//! A slot that is played by itself asks the ledger what is there of it and sends what is not; its transactions
//! say what gas the others need. Of the slots after it all transactions are sent without waiting, so many slots
//! at a time as are on their way; as they become final the ledger is asked how far it has come, and where that
//! is less than what is final, the slot that it stands at is played by itself again, which either goes or says
//! why not.

use std::{
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::Bytes;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{SlotState, clearCall, reportCall, settleCall},
};
use commonhold_sdk::{
    Account, Client,
    lane::{Lane, enough},
};
use commonhold_session::{Refused, Session};

use super::{Plan, homes::Home};
use crate::{
    ledger,
    limits::{READINGS_AT_ONCE_MAX, SETTLED_AT_ONCE, SLOT_STEPS_MAX, SLOTS_AT_ONCE_MAX},
    metering::Measured,
};

/// Gas that calls of each kind need.
#[derive(Clone, Copy, Default)]
struct Gas {
    report: u64,
    clear: u64,
    settle: u64,
}

/// A replay on its way.
pub(super) struct Play<'a> {
    session: &'a dyn Session,
    client: &'a Client,
    account: &'a Account,
    number: u64,
    plan: &'a Plan<'a>,
    homes: &'a [Home],
    zero: u64,
    gas: Gas,
    readings: u64,
    transactions: u64,
}

impl<'a> Play<'a> {
    pub(super) fn new(
        session: &'a dyn Session,
        client: &'a Client,
        account: &'a Account,
        number: u64,
        plan: &'a Plan<'a>,
        homes: &'a [Home],
        zero: u64,
    ) -> eyre::Result<Self> {
        Ok(Self {
            session,
            client,
            account,
            number,
            plan,
            homes,
            zero,
            gas: Gas::default(),
            readings: 0,
            transactions: 0,
        })
    }

    pub(super) const fn readings(&self) -> u64 {
        self.readings
    }

    pub(super) const fn transactions(&self) -> u64 {
        self.transactions
    }

    /// Plays the slots from `first` to just before `end`; fewer where an end is asked for.
    pub(super) fn all(&mut self, first: u64, end: u64) -> eyre::Result<()> {
        let step = self.plan.seconds();
        let total = end.saturating_sub(first).div_euclid(step.max(1));
        let bar = self.session.count(total, "Settling");
        let clock = Instant::now();
        let mut slot = first;
        while slot < end && !self.session.stopping() {
            self.pace(clock, slot.saturating_sub(first));
            if self.session.stopping() {
                break;
            }
            self.carefully(slot)?;
            slot = slot.saturating_add(step);
            let at = |slot: u64| bar.at(slot.saturating_sub(first).div_euclid(step.max(1)));
            at(slot);
            if self.plan.speed.is_none() && slot < end && !self.session.stopping() {
                slot = self.together(slot, end, &at)?.max(slot);
            }
        }
        Ok(())
    }

    /// Waits until a slot's time has come, at the speed that was asked for.
    fn pace(&self, clock: Instant, since: u64) {
        let Some(speed) = self.plan.speed else {
            return;
        };
        let due = Duration::from_millis(since.saturating_mul(1_000).div_euclid(speed));
        while clock.elapsed() < due && !self.session.stopping() {
            let left = due.saturating_sub(clock.elapsed());
            thread::sleep(left.min(Duration::from_millis(100)));
        }
    }

    /// The signed readings of a slot, of the homes that are not among `there`.
    fn signed(&self, slot: u64, there: &[bool]) -> eyre::Result<Vec<Bytes>> {
        let number = slot
            .saturating_sub(self.zero)
            .div_euclid(self.plan.seconds());
        let mut signed = Vec::new();
        for (at, home) in self.homes.iter().enumerate() {
            if there.get(at).copied().unwrap_or(false) {
                continue;
            }
            let measured = Measured {
                slot,
                seconds: self.plan.folder.slot_seconds,
                net: self.plan.net(at, number),
                generated: self.plan.generated(at, number),
                version: 1,
            };
            let envelope = measured.sign(&home.meter, measured.counter())?;
            signed.push(Bytes::copy_from_slice(envelope.bytes()));
        }
        Ok(signed)
    }

    /// Plays one slot, whatever is there of it.
    fn carefully(&mut self, slot: u64) -> eyre::Result<()> {
        let community = self.number;
        for _ in 0..SLOT_STEPS_MAX {
            let found = ledger::community(self.client, community)?;
            if found.settling != 0 {
                let max = SETTLED_AT_ONCE;
                let used = self.send(&settleCall { community, max })?;
                self.gas.settle = self.gas.settle.max(enough(used));
                continue;
            }
            if found.next > slot {
                return Ok(());
            }
            let there = self.there(slot)?;
            for some in self.signed(slot, &there)?.chunks(READINGS_AT_ONCE_MAX) {
                let readings = some.to_vec();
                let call = reportCall {
                    community,
                    slot,
                    readings,
                };
                let used = self.send(&call)?;
                self.gas.report = self.gas.report.max(enough(used));
                self.readings = self.readings.saturating_add(some.len() as u64);
            }
            let used = self.send(&clearCall { community })?;
            self.gas.clear = self.gas.clear.max(enough(used));
        }
        let why = format!("slot {slot} is not settled after {SLOT_STEPS_MAX} steps");
        Err(Refused(why).into())
    }

    /// Which homes have a reading in a slot.
    fn there(&self, slot: u64) -> eyre::Result<Vec<bool>> {
        if ledger::slot(self.client, self.number, slot)?.state != SlotState::Open {
            return Ok(vec![true; self.homes.len()]);
        }
        let lines = ledger::lines(self.client, self.number, slot)?;
        let households = ledger::households(self.client, self.number)?;
        let has = |home: &Home| {
            let mut read = lines.iter().filter(|line| line.read);
            let who = Some(home.account.address());
            read.any(|line| households.get(line.index as usize).copied() == who)
        };
        Ok(self.homes.iter().map(has).collect())
    }

    fn send(&mut self, call: &impl alloy_sol_types::SolCall) -> eyre::Result<u64> {
        let receipt = self.client.send_call(self.account, ADDRESS, call)?;
        self.transactions = self.transactions.saturating_add(1);
        Ok(receipt.gas_used)
    }

    /// Sends everything of the slots from `slot` to just before `end`, without waiting for any but so that no
    /// more than some are on their way; says which slot is the next then. It stops where the ledger does not
    /// come along.
    fn together(&mut self, slot: u64, end: u64, bar: &dyn Fn(u64)) -> eyre::Result<u64> {
        let step = self.plan.seconds().max(1);
        let mut lane = Lane::open(self.client, self.account)?;
        let mut given = slot;
        // What one slot takes; it is known when one is given.
        let mut each = 1;
        while given < end && !self.session.stopping() {
            let before = lane.flying();
            self.give(&mut lane, given)?;
            each = each.max(lane.flying().saturating_sub(before));
            given = given.saturating_add(step);
            if lane.flying() < each.saturating_mul(SLOTS_AT_ONCE_MAX) {
                continue;
            }
            lane.ease(each.saturating_mul(SLOTS_AT_ONCE_MAX / 2))?;
            lane.forget();
            let open = lane.flying().div_ceil(each) as u64;
            let due = given.saturating_sub(open.saturating_mul(step));
            let come = self.come(end)?;
            bar(come);
            if come < due {
                break;
            }
        }
        lane.settle()?;
        let come = self.come(given)?;
        bar(come);
        Ok(come)
    }

    /// How far the ledger has come: the slot that is the next to be cleared or settled.
    fn come(&self, end: u64) -> eyre::Result<u64> {
        let found = ledger::community(self.client, self.number)?;
        let at = if found.settling == 0 {
            found.next
        } else {
            found.settling
        };
        Ok(at.min(end))
    }

    /// Gives all of a slot to a lane: readings, clearing, settling.
    fn give(&mut self, lane: &mut Lane<'_>, slot: u64) -> eyre::Result<()> {
        let community = self.number;
        let meters = u32::try_from(self.homes.len()).unwrap_or(u32::MAX);
        let mut sent = 1u64;
        for some in self.signed(slot, &[])?.chunks(READINGS_AT_ONCE_MAX) {
            let readings = some.to_vec();
            let call = reportCall {
                community,
                slot,
                readings,
            };
            lane.give(ADDRESS, &call, self.gas.report)?;
            self.readings = self.readings.saturating_add(some.len() as u64);
            sent = sent.saturating_add(1);
        }
        lane.give(ADDRESS, &clearCall { community }, self.gas.clear)?;
        for _ in 0..meters.div_ceil(SETTLED_AT_ONCE) {
            let max = SETTLED_AT_ONCE;
            lane.give(ADDRESS, &settleCall { community, max }, self.gas.settle)?;
            sent = sent.saturating_add(1);
        }
        self.transactions = self.transactions.saturating_add(sent);
        Ok(())
    }
}
