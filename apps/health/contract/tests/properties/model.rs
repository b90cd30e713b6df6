//! What should happen, in plain words: two subjects, two studies, two classes.

use std::collections::BTreeSet;

use commonhold_health_contract::interface::IHealth::Leave;

/// What a subject's consent says: which classes (as two bits), whether it stands, how long a veto is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consent {
    pub(crate) classes: u8,
    pub(crate) standing: bool,
    pub(crate) veto: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    Open,
    Vetoed,
    Refused,
    Revoked,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// The study, whose researcher has the same number.
    pub(crate) study: usize,
    pub(crate) subject: usize,
    pub(crate) standing: u8,
    pub(crate) asking: u8,
    pub(crate) approved: u8,
    pub(crate) ready: u64,
    pub(crate) until: u64,
    pub(crate) uses: u32,
    pub(crate) used: u32,
    pub(crate) epoch: u32,
    pub(crate) state: State,
}

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) consents: [Option<Consent>; 2],
    pub(crate) epochs: [u32; 2],
    /// Until when each study is approved; zero: it never was.
    pub(crate) approved: [u64; 2],
    pub(crate) suspended: [bool; 2],
    pub(crate) withdrawn: BTreeSet<(usize, usize)>,
    pub(crate) requests: Vec<Request>,
}

impl Model {
    /// What consent says of a study's request for these classes now: what stands, and what is asked.
    fn decide(&self, study: usize, subject: usize, classes: u8, now: u64) -> (u8, u8) {
        let shut = self.suspended[study]
            || self.withdrawn.contains(&(subject, study))
            || now >= self.approved[study];
        match self.consents[subject] {
            Some(consent) if !shut && consent.standing => (classes & consent.classes, 0),
            Some(consent) if !shut => (0, classes & consent.classes),
            _ => (0, 0),
        }
    }

    pub(crate) fn request(
        &mut self,
        (study, subject): (usize, usize),
        classes: u8,
        (now, until): (u64, u64),
        uses: u32,
    ) {
        let (standing, asking) = self.decide(study, subject, classes, now);
        let veto = match self.consents[subject] {
            Some(consent) if standing != 0 => consent.veto,
            _ => 0,
        };
        self.requests.push(Request {
            study,
            subject,
            standing,
            asking,
            approved: 0,
            ready: now + veto,
            until,
            uses,
            used: 0,
            epoch: self.epochs[subject],
            state: State::Open,
        });
    }

    /// Whether a researcher gets a class of a subject's under a request.
    pub(crate) fn leave(
        &self,
        number: usize,
        reader: usize,
        subject: usize,
        class: u8,
        now: u64,
    ) -> Leave {
        let request = &self.requests[number];
        let study = request.study;
        if reader != study || subject != request.subject {
            return Leave::NotYours;
        }
        match request.state {
            State::Refused => return Leave::Refused,
            State::Revoked => return Leave::Revoked,
            _ => {}
        }
        if self.withdrawn.contains(&(subject, study)) {
            return Leave::Withdrawn;
        }
        if self.epochs[subject] != request.epoch {
            return Leave::ConsentEnded;
        }
        if now >= request.until {
            return Leave::Expired;
        }
        if request.uses != 0 && request.used >= request.uses {
            return Leave::UsedUp;
        }
        if self.suspended[study] {
            return Leave::Suspended;
        }
        if now >= self.approved[study] {
            return Leave::NotApproved;
        }
        if request.approved & class != 0 {
            return Leave::Granted;
        }
        if request.standing & class == 0 {
            return Leave::NotCovered;
        }
        if request.state == State::Vetoed {
            return Leave::Vetoed;
        }
        if now < request.ready {
            return Leave::NotYet;
        }
        if self.decide(study, subject, class, now).0 & class == 0 {
            return Leave::ConsentChanged;
        }
        Leave::Granted
    }
}
