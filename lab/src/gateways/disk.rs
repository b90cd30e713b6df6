//! A gateway's disk: what a life has written, what of it is synced, and what is left when it ends.
//!
//! The journal lies on it as a file that redb reads and writes, and beside it encrypted batches. What is
//! written is there for whoever reads it in the same life. When a process is killed all of it stays;
//! when the power fails only what was synced is certain to: of each later write nothing, all, or some
//! sectors are left. The power may also fail at one certain operation, in the middle of a commit.
//!
//! A [`Life`] whose power is off can neither read nor write, whatever becomes of the tasks that hold it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use alloy_primitives::B256;
use commonhold_gateway::bodies::Bodies;
use commonware_utils::sync::Mutex;
use rand_core::Rng;
use redb::StorageBackend;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

#[derive(Debug)]
enum Change {
    Length(usize),
    Bytes(usize, Vec<u8>),
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Length(length) => image.resize(*length, 0),
            Self::Bytes(at, bytes) => {
                let end = at + bytes.len();
                if image.len() < end {
                    image.resize(end, 0);
                }
                image[*at..end].copy_from_slice(bytes);
            }
        }
    }
}

#[derive(Debug, Default)]
struct State {
    life: u64,
    is_on: bool,
    /// Operations until the power fails.
    left: Option<u64>,
    /// Syncs that were asked for.
    syncs: u64,
    is_deaf: bool,
    image: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<Change>,
    bodies: BTreeMap<B256, Vec<u8>>,
}

/// A disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The process is killed.
    Kill,
    /// The power fails.
    Power,
}

impl Disk {
    /// An empty disk. One that is `deaf` says that it has synced, and has not.
    pub fn new(is_deaf: bool) -> Self {
        let disk = Self::default();
        disk.0.lock().is_deaf = is_deaf;
        disk
    }

    /// Begins a life, whose power fails at the operation after `left` others.
    pub fn begin(&self, left: Option<u64>) -> Life {
        let mut state = self.0.lock();
        state.life += 1;
        state.is_on = true;
        state.left = left;
        Life {
            number: state.life,
            disk: self.clone(),
        }
    }

    /// Ends a life.
    pub fn end(&self, how: End, dice: &mut impl Rng) {
        let mut state = self.0.lock();
        state.is_on = false;
        if how == End::Kill {
            return;
        }
        let unsynced = std::mem::take(&mut state.unsynced);
        let mut image = std::mem::take(&mut state.synced);
        for change in unsynced.iter().filter(|_| !state.is_deaf) {
            match (dice.next_u64() % 4, change) {
                (0, _) => {}
                (1, Change::Bytes(at, bytes)) => {
                    for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                        if dice.next_u64().is_multiple_of(2) {
                            let torn = Change::Bytes(at + number * SECTOR, sector.to_vec());
                            torn.apply(&mut image);
                        }
                    }
                }
                _ => change.apply(&mut image),
            }
        }
        state.image.clone_from(&image);
        state.synced = image;
    }

    /// Syncs that were asked for.
    pub fn syncs(&self) -> u64 {
        self.0.lock().syncs
    }
}

/// The disk as one life of a gateway has it.
#[derive(Clone, Debug)]
pub struct Life {
    number: u64,
    disk: Disk,
}

fn off() -> io::Error {
    io::Error::other("the power is off")
}

impl Life {
    /// Whether the life goes on.
    pub fn is_on(&self) -> bool {
        let state = self.disk.0.lock();
        state.is_on && state.life == self.number
    }

    fn read<T>(&self, f: impl FnOnce(&State) -> T) -> io::Result<T> {
        let state = self.disk.0.lock();
        if state.is_on && state.life == self.number {
            Ok(f(&state))
        } else {
            Err(off())
        }
    }

    /// Changes something, where the power does not fail at just this.
    fn change<T>(&self, f: impl FnOnce(&mut State) -> T) -> io::Result<T> {
        let mut state = self.disk.0.lock();
        if !state.is_on || state.life != self.number {
            return Err(off());
        }
        match &mut state.left {
            Some(0) => {
                state.is_on = false;
                return Err(off());
            }
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(f(&mut state))
    }

    fn write(&self, change: Change) -> io::Result<()> {
        self.change(|state| {
            change.apply(&mut state.image);
            state.unsynced.push(change);
        })
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

impl StorageBackend for Life {
    fn len(&self) -> io::Result<u64> {
        self.read(|state| state.image.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = place(offset)?;
        Self::read(self, |state| {
            let found = state.image.get(from..from + out.len());
            found.map(|found| out.copy_from_slice(found))
        })?
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::write(self, Change::Length(place(len)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|state| {
            state.syncs += 1;
            if state.is_deaf {
                return;
            }
            for change in std::mem::take(&mut state.unsynced) {
                change.apply(&mut state.synced);
            }
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        Self::write(self, Change::Bytes(place(offset)?, data.to_vec()))
    }
}

impl Bodies for Life {
    fn put(&self, name: B256, body: &[u8]) -> io::Result<()> {
        let body = body.to_vec();
        self.change(|state| drop(state.bodies.insert(name, body)))
    }

    fn get(&self, name: B256) -> io::Result<Vec<u8>> {
        let found = Self::read(self, |state| state.bodies.get(&name).cloned())?;
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn delete(&self, name: B256) -> io::Result<()> {
        self.change(|state| drop(state.bodies.remove(&name)))
    }

    fn keep_only(&self, names: &BTreeSet<B256>) -> io::Result<()> {
        self.change(|state| state.bodies.retain(|name, _| names.contains(name)))
    }
}

#[cfg(test)]
mod tests {
    use commonware_utils::TestRng;

    use super::*;

    fn content(life: &Life) -> Vec<u8> {
        Life::read(life, |state| state.image.clone()).unwrap()
    }

    #[test]
    fn what_is_synced_stays_and_what_is_not_may() {
        let mut kept = BTreeSet::new();
        for seed in 0..64 {
            let disk = Disk::new(false);
            let life = disk.begin(None);
            StorageBackend::write(&life, 0, &[1; 1024]).unwrap();
            life.sync_data().unwrap();
            StorageBackend::write(&life, 0, &[2; 1024]).unwrap();
            disk.end(End::Power, &mut TestRng::new(seed));
            assert!(life.len().is_err(), "a life that is over reads");
            let next = disk.begin(None);
            let now = content(&next);
            assert!(
                now.chunks(SECTOR)
                    .all(|s| [[1; 512], [2; 512]].concat().windows(512).any(|w| w == s))
            );
            kept.insert((now[0], now[SECTOR]));
        }
        assert_eq!(kept.len(), 4, "nothing, all, and either sector: {kept:?}");
    }

    #[test]
    fn a_kill_loses_nothing_and_a_deaf_disk_everything() {
        for (is_deaf, how, left) in [
            (false, End::Kill, 10),
            (true, End::Kill, 10),
            (true, End::Power, 0),
        ] {
            let disk = Disk::new(is_deaf);
            let life = disk.begin(None);
            StorageBackend::write(&life, 0, &[1; 10]).unwrap();
            life.sync_data().unwrap();
            disk.end(how, &mut TestRng::new(1));
            assert_eq!(content(&disk.begin(None)).len(), left);
        }
    }

    #[test]
    fn the_power_fails_at_one_operation() {
        let disk = Disk::new(false);
        let life = disk.begin(Some(1));
        StorageBackend::write(&life, 0, &[1; 10]).unwrap();
        assert!(life.sync_data().is_err());
        assert!(!life.is_on());
        assert!(life.put(B256::ZERO, &[]).is_err());
    }
}
