//! One ordered map with a journal of what each change replaced.

use std::collections::BTreeMap;
use std::ops::RangeBounds;

use confab_domain::{StoreError, StoreResult};

/// Rows by key, and how to take changes back.
#[derive(Debug, Clone)]
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    journal: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), journal: Vec::new() }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl<K: Ord + Clone + std::fmt::Debug, V: Clone> Table<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values()
    }

    pub(super) fn range(&self, keys: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(keys)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn put(&mut self, key: K, row: V) {
        let before = self.rows.insert(key.clone(), row);
        self.journal.push((key, before));
    }

    pub(super) fn insert(&mut self, key: K, row: V) -> StoreResult<()> {
        if self.rows.contains_key(&key) {
            return Err(StoreError::Conflict(format!("{key:?} stands already")));
        }
        self.put(key, row);
        Ok(())
    }

    pub(super) fn update(&mut self, key: K, row: V) -> StoreResult<()> {
        if !self.rows.contains_key(&key) {
            return Err(StoreError::Conflict(format!("{key:?} is missing")));
        }
        self.put(key, row);
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(before) = self.rows.remove(key) {
            self.journal.push((key.clone(), Some(before)));
        }
    }

    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        for (key, before) in self.journal.drain(mark..).rev() {
            match before {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }

    pub(super) fn forget_journal(&mut self) {
        self.journal.clear();
    }
}
