//! What one member knows of another.

use std::time::{Duration, SystemTime};

use alloy_primitives::B256;

use crate::{
    limits::{COMINGS_TOLD_MAX, RESEND_MILLIS_MAX, SILENT_MILLIS_MAX, TICK_MILLIS},
    outcome::Fault,
    wire::Status,
};

/// Another member, as far as it was heard.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// When it last spoke; the beginning of the run where it never has.
    heard: SystemTime,
    /// Whether it counts as there.
    pub(crate) here: bool,
    /// Which start of its program spoke last.
    life: Option<u64>,
    /// The other round that it is in.
    pub(crate) elsewhere: Option<u64>,
    /// The first result that it said it has.
    pub(crate) result: Option<B256>,
    /// Whether it knows that we have finished.
    pub(crate) knows_us: bool,
    /// The first thing that was wrong.
    pub(crate) fault: Option<Fault>,
    /// How often its coming and going may still be told.
    tellable: u32,
    /// When it is due to be sent again what it has not answered.
    due: SystemTime,
    pause: Duration,
}

/// What a status told that was not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Its program was started anew.
    pub(crate) restarted: bool,
    /// It is in another round than it was.
    pub(crate) elsewhere: Option<u64>,
    /// It has finished.
    pub(crate) finished: bool,
}

const TICK: Duration = Duration::from_millis(TICK_MILLIS);

impl Peer {
    /// One that was never heard.
    pub(crate) const fn new(now: SystemTime) -> Self {
        Self {
            heard: now,
            here: false,
            life: None,
            elsewhere: None,
            result: None,
            knows_us: false,
            fault: None,
            tellable: COMINGS_TOLD_MAX,
            due: now,
            pause: TICK,
        }
    }

    /// Whether its coming or going is told once more: one that does nothing else does not fill a log.
    pub(crate) const fn is_told(&mut self) -> bool {
        let told = self.tellable > 0;
        self.tellable = self.tellable.saturating_sub(1);
        told
    }

    /// It spoke. Whether it was not there before.
    pub(crate) fn speaks(&mut self, now: SystemTime) -> bool {
        self.heard = now;
        let comes = !self.here;
        self.here = true;
        if comes {
            self.resend_at_once(now);
        }
        comes
    }

    /// Whether it has said nothing for too long.
    pub(crate) fn is_silent(&self, now: SystemTime) -> bool {
        let silence = now.duration_since(self.heard).unwrap_or_default();
        silence >= Duration::from_millis(SILENT_MILLIS_MAX)
    }

    /// Takes its status. `us` is our place, `round` our round.
    pub(crate) fn takes(&mut self, status: &Status, us: u32, round: u64, now: SystemTime) -> News {
        let mut news = News::default();
        if self.life != Some(status.life) {
            news.restarted = self.life.replace(status.life).is_some();
            self.resend_at_once(now);
        }
        if status.round != round {
            news.elsewhere = (self.elsewhere != Some(status.round)).then_some(status.round);
            self.elsewhere = Some(status.round);
            return news;
        }
        self.elsewhere = None;
        self.knows_us = status.done.contains(&us);
        if self.result.is_none() {
            self.result = status.result;
            news.finished = status.result.is_some();
        }
        news
    }

    fn resend_at_once(&mut self, now: SystemTime) {
        self.due = now;
        self.pause = TICK;
    }

    /// Whether it is to be sent again now what it has not answered; the next time is later.
    pub(crate) fn is_due(&mut self, now: SystemTime) -> bool {
        if now < self.due {
            return false;
        }
        self.due = now.checked_add(self.pause).unwrap_or(now);
        let longer = self.pause.saturating_mul(2);
        self.pause = longer.min(Duration::from_millis(RESEND_MILLIS_MAX));
        true
    }
}
