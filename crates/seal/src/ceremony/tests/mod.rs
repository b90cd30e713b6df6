#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

//! Members that talk over a network of ours: it delivers in order, loses what is sent to the dead, and
//! keeps on a disk exactly what was written there.

mod forgeries;
mod lives;
mod purposes;
mod reveals;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::Group;
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};
use rand::{SeedableRng as _, rngs::StdRng};

pub(super) const NETWORK: B256 = B256::repeat_byte(0x11);

pub(super) struct Net {
    pub(super) keys: Vec<PrivateKey>,
    pub(super) alive: BTreeMap<u32, Ceremony>,
    /// Each member's memory as last written.
    pub(super) disks: BTreeMap<u32, Vec<u8>>,
    /// From, to, message.
    pub(super) queue: VecDeque<(u32, u32, Vec<u8>)>,
    /// Dealings that were ever sent: dealer and receiver to bytes.
    dealt: BTreeMap<(u32, u32), BTreeSet<Vec<u8>>>,
    pub(super) refusals: Vec<CeremonyError>,
    rng: StdRng,
}

/// Keys in their order, so that a key's position is its member's place.
pub(super) fn keys(members: u32) -> Vec<PrivateKey> {
    let mut keys: Vec<_> = (0..u64::from(members)).map(PrivateKey::from_seed).collect();
    keys.sort_by_key(|key| key.public_key());
    keys
}

pub(super) fn terms(members: u32, round: u64) -> Terms {
    terms_of(Purpose::Seal, members, round)
}

pub(super) fn terms_of(purpose: Purpose, members: u32, round: u64) -> Terms {
    Terms::new(
        purpose,
        NETWORK,
        round,
        keys(members).iter().map(|key| key.public_key()),
    )
    .unwrap()
}

impl Net {
    pub(super) fn new(members: u32, round: u64) -> Self {
        Self::of(Purpose::Seal, members, round)
    }

    pub(super) fn of(purpose: Purpose, members: u32, round: u64) -> Self {
        let mut net = Self {
            keys: keys(members),
            alive: BTreeMap::new(),
            disks: BTreeMap::new(),
            queue: VecDeque::new(),
            dealt: BTreeMap::new(),
            refusals: Vec::new(),
            rng: StdRng::seed_from_u64(round),
        };
        for place in 0..members {
            let key = net.keys[place as usize].clone();
            let ceremony =
                Ceremony::begin(terms_of(purpose, members, round), key, &mut net.rng).unwrap();
            net.disks.insert(place, ceremony.memory().to_vec());
            net.alive.insert(place, ceremony);
        }
        net
    }

    pub(super) fn place(&self, key: &MemberKey) -> u32 {
        let place = self.keys.iter().position(|k| k.public_key() == *key);
        u32::try_from(place.unwrap()).unwrap()
    }

    pub(super) fn key(&self, place: u32) -> MemberKey {
        self.keys[place as usize].public_key()
    }

    fn post(&mut self, from: u32, send: Vec<(MemberKey, Message)>) {
        for (to, message) in send {
            let to = self.place(&to);
            let bytes = message.to_bytes().to_vec();
            if matches!(message.body, Body::Deal(..)) {
                self.dealt
                    .entry((from, to))
                    .or_default()
                    .insert(bytes.clone());
            }
            self.queue.push_back((from, to, bytes));
        }
    }

    pub(super) fn resend(&mut self, place: u32) {
        let send = self.alive[&place].resend();
        self.post(place, send);
    }

    pub(super) fn resend_all(&mut self) {
        let places: Vec<u32> = self.alive.keys().copied().collect();
        for place in places {
            self.resend(place);
        }
    }

    /// Delivers one message. Whether there was one.
    pub(super) fn deliver(&mut self) -> bool {
        let Some((from, to, bytes)) = self.queue.pop_front() else {
            return false;
        };
        let from_key = self.key(from);
        if let Some(ceremony) = self.alive.get_mut(&to) {
            let message = Message::from_bytes(&bytes).unwrap();
            match ceremony.handle(&from_key, message, &mut self.rng) {
                Ok(step) => {
                    let memory = ceremony.memory();
                    assert_eq!(
                        step.changed,
                        self.disks[&to] != *memory,
                        "says if it changed"
                    );
                    self.disks.insert(to, memory.to_vec());
                    self.post(to, step.send);
                }
                Err(e) => {
                    assert_eq!(self.disks[&to], *ceremony.memory(), "no half step");
                    self.refusals.push(e);
                }
            }
        }
        true
    }

    pub(super) fn run(&mut self) {
        while self.deliver() {}
    }

    pub(super) fn kill(&mut self, place: u32) {
        self.alive.remove(&place);
    }

    pub(super) fn restart(&mut self, place: u32) {
        let key = self.keys[place as usize].clone();
        let ceremony = Ceremony::resume(&self.disks[&place], key, &mut self.rng).unwrap();
        self.alive.insert(place, ceremony);
        self.resend(place);
    }

    /// The group of those who are alive, all of whom have finished, with shares that open.
    pub(super) fn result(&self) -> Group {
        assert!(self.refusals.is_empty(), "{:?}", self.refusals);
        for ((dealer, to), sent) in &self.dealt {
            assert_eq!(sent.len(), 1, "member {dealer} dealt twice to {to}");
        }
        let finished: Vec<(u32, Finished)> = self
            .alive
            .iter()
            .map(|(place, ceremony)| (*place, ceremony.finished().unwrap()))
            .collect();
        let group = finished[0].1.made.seal().unwrap().0.clone();
        let target = crate::Identity::Time(1).here();
        let mut partials = Vec::new();
        for (place, finished) in &finished {
            let (own, share) = finished.made.seal().unwrap();
            assert_eq!(*own, group);
            assert_eq!(share.member(), *place);
            group.check(share).unwrap();
            let terms = self.alive[place].terms();
            terms
                .check_confirmations(group.digest(), &finished.confirmations)
                .unwrap();
            partials.push(share.partial(&target));
        }
        let opening = group.combine(&target, &partials).unwrap().opening;
        opening.verify(&group.key(), &target).unwrap();
        group
    }

    pub(super) fn finished(&self) -> Vec<u32> {
        let done = self.alive.iter().filter(|(_, c)| c.finished().is_some());
        done.map(|(place, _)| *place).collect()
    }
}
