//! Spans: what is as it was costs nothing, what changed ends one span and begins another.

use std::collections::HashMap;
use std::hash::Hash;

use crate::history::store::sql::{Database, Fault};

/// A span without an end.
pub(super) struct Open<S> {
    id: i64,
    state: S,
    seen: bool,
}

impl<S> Open<S> {
    pub(super) const fn new(id: i64, state: S) -> Self {
        Self { id, state, seen: false }
    }
}

/// The open spans of a series against what a run saw.
pub(super) struct Spans<K, S> {
    open: HashMap<K, Open<S>>,
    changed: Vec<i64>,
    next: i64,
}

impl<K: Eq + Hash, S: PartialEq> Spans<K, S> {
    pub(super) const fn new(open: HashMap<K, Open<S>>, next: i64) -> Self {
        Self { open, changed: Vec::new(), next }
    }

    /// Something is in this state now: the number of the new span that says so, unless the open one does.
    pub(super) fn see(&mut self, key: K, state: S) -> Option<i64> {
        if let Some(known) = self.open.get_mut(&key) {
            if known.seen || known.state == state {
                // Named twice in one run: the first counts.
                known.seen = true;
                return None;
            }
            self.changed.push(known.id);
        }
        let id = self.next;
        self.next += 1;
        self.open.insert(key, Open { id, state, seen: true });
        Some(id)
    }

    /// The spans that end: changed, or not seen and `gone` says that it is so.
    pub(super) fn ended(self, gone: impl Fn(&S) -> bool) -> Vec<i64> {
        let mut ended = self.changed;
        ended.extend(self.open.values().filter(|open| !open.seen && gone(&open.state)).map(|open| open.id));
        ended
    }

    /// The spans that changed, and those that were not seen.
    pub(super) fn changed_and_missing(self) -> (Vec<i64>, Vec<(i64, S)>) {
        let missing = self.open.into_values().filter(|open| !open.seen).map(|open| (open.id, open.state));
        (self.changed, missing.collect())
    }
}

/// Write the run at which spans end.
pub(super) fn close(
    database: &mut dyn Database,
    table: &str,
    column: &str,
    run: i64,
    ids: &[i64],
) -> Result<(), Fault> {
    for chunk in ids.chunks(500) {
        let list: Vec<String> = chunk.iter().map(i64::to_string).collect();
        database.batch(&format!("UPDATE {table} SET {column} = {run} WHERE id IN ({})", list.join(", ")))?;
    }
    Ok(())
}
