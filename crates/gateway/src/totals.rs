//! What was counted since the gateway's data began. It is written with the readings, so that it survives
//! the process as they do; what was refused without reaching the disk is written with the next of them.

use std::collections::BTreeMap;

use commonhold_reading::Flags;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Messages that came, of whatever kind.
    pub messages: u64,
    /// Those that were taken, each once.
    pub valid: u64,
    /// Those that had been taken before.
    pub duplicates: u64,
    /// Those that are not what they should be.
    pub malformed_payload: u64,
    /// Those taken whose counter or time is below that of one taken before.
    pub out_of_order: u64,
    /// Those that say that they are of the future, taken or not.
    pub future_timestamp: u64,
    /// Records in what was taken.
    pub records: u64,
    /// Taken and marked late.
    pub late: u64,
    /// Taken with the time at which they came.
    pub received_time: u64,
    /// Taken and marked, because the device's calibration was over.
    pub past_calibration: u64,
    /// Messages of a source that say no value.
    pub ignored: u64,
    /// Refused, by reason.
    pub refused: BTreeMap<String, u64>,
}

const fn up(count: &mut u64, by: u64) {
    *count = count.saturating_add(by);
}

impl Totals {
    /// One that was taken.
    pub(crate) fn taken(&mut self, flags: Flags, records: u64) {
        up(&mut self.messages, 1);
        up(&mut self.valid, 1);
        up(&mut self.records, records);
        for (flag, count) in [
            (Flags::OUT_OF_ORDER, &mut self.out_of_order),
            (Flags::FUTURE, &mut self.future_timestamp),
            (Flags::LATE, &mut self.late),
            (Flags::RECEIVED_TIME, &mut self.received_time),
            (Flags::PAST_CALIBRATION, &mut self.past_calibration),
        ] {
            up(count, u64::from(flags.contains(flag)));
        }
    }

    /// One that had been taken before.
    pub(crate) const fn duplicate(&mut self) {
        up(&mut self.messages, 1);
        up(&mut self.duplicates, 1);
    }

    /// One that says no value.
    pub(crate) const fn ignored(&mut self) {
        up(&mut self.messages, 1);
        up(&mut self.ignored, 1);
    }

    /// One that was refused.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        up(&mut self.messages, 1);
        match refusal {
            Refusal::Malformed(_) => up(&mut self.malformed_payload, 1),
            Refusal::Future(_) => up(&mut self.future_timestamp, 1),
            _ => {}
        }
        let count = self.refused.entry(refusal.reason().to_owned());
        up(count.or_default(), 1);
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        for (count, by) in [
            (&mut self.messages, other.messages),
            (&mut self.valid, other.valid),
            (&mut self.duplicates, other.duplicates),
            (&mut self.malformed_payload, other.malformed_payload),
            (&mut self.out_of_order, other.out_of_order),
            (&mut self.future_timestamp, other.future_timestamp),
            (&mut self.records, other.records),
            (&mut self.late, other.late),
            (&mut self.received_time, other.received_time),
            (&mut self.past_calibration, other.past_calibration),
            (&mut self.ignored, other.ignored),
        ] {
            up(count, by);
        }
        for (reason, by) in &other.refused {
            up(self.refused.entry(reason.clone()).or_default(), *by);
        }
    }

    /// The counts that are not by reason, by name.
    pub(crate) const fn named(&self) -> [(&'static str, u64); 11] {
        [
            ("messages", self.messages),
            ("valid", self.valid),
            ("duplicates", self.duplicates),
            ("malformed_payload", self.malformed_payload),
            ("out_of_order", self.out_of_order),
            ("future_timestamp", self.future_timestamp),
            ("records", self.records),
            ("late", self.late),
            ("received_time", self.received_time),
            ("past_calibration", self.past_calibration),
            ("ignored", self.ignored),
        ]
    }
}

/// Totals that many count into.
#[derive(Debug, Default)]
pub struct Counting(Mutex<Totals>);

impl Counting {
    /// Goes on from what was counted before.
    pub const fn new(totals: Totals) -> Self {
        Self(Mutex::new(totals))
    }

    /// What was counted so far.
    pub fn now(&self) -> Totals {
        self.0.lock().clone()
    }

    /// Counts.
    pub(crate) fn count(&self, what: impl FnOnce(&mut Totals)) {
        what(&mut self.0.lock());
    }
}
