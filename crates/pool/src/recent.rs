//! Bounded memories: the newest entries stay, the oldest go.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// A map that forgets its oldest insertions.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    entries: HashMap<K, (u64, V)>,
    order: VecDeque<(u64, K)>,
    next: u64,
    max: usize,
}

impl<K: Copy + Eq + Hash, V: Copy> Recent<K, V> {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            next: 0,
            max,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.entries.get(key).map(|(_, value)| *value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.next = self.next.saturating_add(1);
        self.entries.insert(key, (self.next, value));
        self.order.push_back((self.next, key));
        while self.order.len() > self.max {
            let Some((stamp, old)) = self.order.pop_front() else {
                break;
            };
            // Only its newest insertion holds an entry.
            if self
                .entries
                .get(&old)
                .is_some_and(|(newest, _)| *newest == stamp)
            {
                self.entries.remove(&old);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn the_oldest_go_and_a_renewed_entry_stays() {
        let mut recent = Recent::new(3);
        for (key, value) in [(1, 'a'), (2, 'b'), (1, 'c'), (3, 'd')] {
            recent.insert(key, value);
        }
        assert_eq!(
            (recent.get(&1), recent.get(&2), recent.get(&3)),
            (Some('c'), Some('b'), Some('d'))
        );
        recent.insert(4, 'e');
        assert_eq!(
            (recent.get(&1), recent.get(&2), recent.get(&4)),
            (Some('c'), None, Some('e'))
        );
    }
}
