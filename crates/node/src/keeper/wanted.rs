//! Records that are to be looked after.

use std::collections::BTreeMap;

use alloy_primitives::B256;

use crate::limits::TRIES_MAX;

/// How closely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Care {
    /// Whether the body is read and compared with its name.
    pub(super) verify: bool,
    /// Whether packets are asked for in any case: there are new ones.
    pub(super) packets: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    care: Care,
    tries: u32,
    /// Not before this block.
    due: u64,
    /// Whether it is being fetched.
    taken: bool,
}

/// Records by id, and when their turn is. Bounded: what has no room is left out.
#[derive(Debug)]
pub(super) struct Wanted {
    entries: BTreeMap<B256, Entry>,
    max: usize,
}

impl Wanted {
    pub(super) const fn new(max: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            max,
        }
    }

    /// Wants a record looked after now; one that waits already keeps its turn.
    pub(super) fn add(&mut self, id: B256, care: Care, height: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.care.verify |= care.verify;
            entry.care.packets |= care.packets;
        } else if self.entries.len() < self.max {
            let entry = Entry {
                care,
                tries: 0,
                due: height,
                taken: false,
            };
            self.entries.insert(id, entry);
        }
    }

    /// Whether there is something to do at this block.
    pub(super) fn is_due(&self, height: u64) -> bool {
        let due = |entry: &Entry| !entry.taken && entry.due <= height;
        self.entries.values().any(due)
    }

    /// Takes the record whose turn it is. It stays taken until it is [`done`](Self::done) or to be tried
    /// [again](Self::retry).
    pub(super) fn next(&mut self, height: u64) -> Option<(B256, Care)> {
        let due = self.entries.iter_mut();
        let (id, entry) = due
            .filter(|(_, entry)| !entry.taken && entry.due <= height)
            .min_by_key(|(_, entry)| entry.due)?;
        entry.taken = true;
        Some((*id, entry.care))
    }

    /// A record was looked after with `care`. Where more was asked for meanwhile, its turn comes again.
    pub(super) fn done(&mut self, id: &B256, care: Care) {
        match self.entries.get_mut(id) {
            Some(entry) if entry.care != care => {
                entry.taken = false;
                entry.tries = 0;
            }
            _ => drop(self.entries.remove(id)),
        }
    }

    /// Has a record tried again later; tells whether it is.
    pub(super) fn retry(&mut self, id: B256, care: Care, height: u64) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else {
            return false;
        };
        entry.tries = entry.tries.saturating_add(1);
        if entry.tries >= TRIES_MAX {
            self.entries.remove(&id);
            return false;
        }
        entry.taken = false;
        entry.care.verify |= care.verify;
        entry.care.packets |= care.packets;
        entry.due = height.saturating_add(1 << entry.tries);
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn id(n: u8) -> B256 {
        B256::repeat_byte(n)
    }

    #[test]
    fn what_cannot_be_had_is_tried_ever_more_seldom_and_then_left() {
        let mut wanted = Wanted::new(2);
        wanted.add(id(1), Care::default(), 10);
        let mut height = 10;
        let mut turns = Vec::new();
        loop {
            while !wanted.is_due(height) {
                height += 1;
            }
            let (found, care) = wanted.next(height).unwrap();
            assert_eq!((found, wanted.is_due(u64::MAX)), (id(1), false));
            turns.push(height);
            if !wanted.retry(found, care, height) {
                break;
            }
        }
        assert_eq!(turns, [10, 12, 16, 24, 40, 72]);
        assert_eq!(turns.len(), usize::try_from(TRIES_MAX).unwrap());
        assert_eq!(wanted.next(u64::MAX), None);
    }

    #[test]
    fn a_record_waits_once_and_the_room_is_bounded() {
        let mut wanted = Wanted::new(2);
        let verify = Care {
            verify: true,
            packets: false,
        };
        let packets = Care {
            verify: false,
            packets: true,
        };
        wanted.add(id(3), verify, 5);
        wanted.add(id(3), packets, 1);
        wanted.add(id(2), packets, 4);
        wanted.add(id(1), packets, 1);
        assert!(!wanted.is_due(3));
        assert_eq!(wanted.next(9), Some((id(2), packets)));
        let both = Care {
            verify: true,
            packets: true,
        };
        assert_eq!(wanted.next(9), Some((id(3), both)));
        assert_eq!(wanted.next(9), None);
        wanted.done(&id(3), both);
        wanted.add(id(1), verify, 9);
        // More is asked for while it is looked after.
        wanted.add(id(2), verify, 9);
        wanted.done(&id(2), packets);
        assert_eq!(wanted.next(9), Some((id(2), both)));
        wanted.done(&id(2), both);
        assert_eq!(wanted.next(9), Some((id(1), verify)));
    }
}
