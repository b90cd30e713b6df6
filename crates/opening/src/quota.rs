//! How many answers a reader has had lately, by block time.

use std::collections::HashMap;

use alloy_primitives::Address;

use crate::limits::{READER_ANSWERS_MAX, READER_SECONDS, READERS_MAX};

#[derive(Clone, Copy, Default)]
struct Window {
    since: u64,
    answers: u32,
}

/// A member's count. It protects this member alone, so members need not agree on it.
#[derive(Default)]
pub(crate) struct Quota(HashMap<Address, Window>);

impl Quota {
    /// Counts an answer to `reader` at block time `now`, in seconds. False: they have had enough.
    pub(crate) fn take(&mut self, reader: Address, now: u64) -> bool {
        if self.0.len() >= READERS_MAX && !self.0.contains_key(&reader) {
            self.0
                .retain(|_, window| now.saturating_sub(window.since) < READER_SECONDS);
            if self.0.len() >= READERS_MAX {
                let oldest = self
                    .0
                    .iter()
                    .min_by_key(|(who, window)| (window.since, **who));
                if let Some(oldest) = oldest.map(|(who, _)| *who) {
                    self.0.remove(&oldest);
                }
            }
        }
        let window = self.0.entry(reader).or_default();
        if now.saturating_sub(window.since) >= READER_SECONDS {
            *window = Window {
                since: now,
                answers: 0,
            };
        }
        if window.answers >= READER_ANSWERS_MAX {
            return false;
        }
        window.answers = window.answers.saturating_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(n: usize) -> Address {
        Address::left_padding_from(&n.to_be_bytes())
    }

    #[test]
    fn a_reader_has_so_many_answers_in_a_window_and_hinders_nobody_else() {
        let mut quota = Quota::default();
        for _ in 0..READER_ANSWERS_MAX {
            assert!(quota.take(who(1), 1_000));
        }
        assert!(!quota.take(who(1), 1_000 + READER_SECONDS - 1));
        assert!(quota.take(who(2), 1_000));
        assert!(quota.take(who(1), 1_000 + READER_SECONDS));
    }

    #[test]
    fn no_more_readers_are_counted_than_there_is_room_for() {
        let mut quota = Quota::default();
        for n in 0..READERS_MAX + 10 {
            assert!(quota.take(who(n), 1_000 + n as u64 / 100));
            assert!(quota.0.len() <= READERS_MAX);
        }
        assert!(!quota.0.contains_key(&who(0)), "the oldest goes first");
    }
}
