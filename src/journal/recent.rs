//! A bounded map that forgets what was touched longest ago.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

#[derive(Debug)]
struct Slot<V> {
    touched: u64,
    value: V,
}

/// At most `limit` values; a new one pushes out the one touched longest ago.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    limit: usize,
    touches: u64,
    slots: HashMap<K, Slot<V>>,
    order: BTreeMap<u64, K>,
}

impl<K: Clone + Eq + Hash, V> Recent<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            touches: 0,
            slots: HashMap::new(),
            order: BTreeMap::new(),
        }
    }

    /// The value of `key`, made when it is not there, now the newest.
    pub(super) fn touch(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        self.touches += 1;
        match self.slots.get(key) {
            Some(slot) => {
                self.order.remove(&slot.touched);
            }
            None if self.slots.len() >= self.limit => {
                if let Some((_, oldest)) = self.order.pop_first() {
                    self.slots.remove(&oldest);
                }
            }
            None => {}
        }
        self.order.insert(self.touches, key.clone());
        let slot = self.slots.entry(key.clone()).or_insert_with(|| Slot {
            touched: 0,
            value: make(),
        });
        slot.touched = self.touches;
        &mut slot.value
    }

    /// The value of `key`; reading does not make it newer.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.slots.get(key).map(|slot| &slot.value)
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(slot) = self.slots.remove(key) {
            self.order.remove(&slot.touched);
        }
    }

    /// The newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.order
            .values()
            .rev()
            .filter_map(|key| self.slots.get_key_value(key))
            .map(|(key, slot)| (key, &slot.value))
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_touched_longest_ago_is_forgotten() {
        let mut map = Recent::new(2);
        *map.touch(&"a", || 0) += 1;
        *map.touch(&"b", || 0) += 1;
        *map.touch(&"a", || 0) += 1;
        *map.touch(&"c", || 0) += 1;
        assert_eq!(map.get(&"b"), None);
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&"c", &1), (&"a", &2)]);
        map.remove(&"a");
        map.touch(&"d", || 9);
        assert_eq!(map.len(), 2, "a removed key leaves room");
        assert_eq!(map.get(&"c"), Some(&1));
    }
}
