//! Keeps columns decoded that queries read again and again.
//!
//! Most of the time of a query over a few columns of a large table is decoding Parquet. Files never change, so what a
//! second scan decodes of a row group's column is kept, until other columns need the room.

mod file_scan;
mod rule;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef};

pub(crate) use rule::CachedScans;

/// Columns of files of which it is known that they were scanned once.
const MAX_SCANNED_ONCE: usize = 100_000;

/// One column of one row group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ChunkKey {
    path: Arc<str>,
    row_group: usize,
    /// Position in the file.
    column: usize,
}

/// Number of a scan in a plan: its threads are the same scan.
type ScanId = u64;

/// Decoded columns, up to a number of bytes; those unused for longest go first.
#[derive(Debug)]
pub(crate) struct ColumnCache {
    capacity_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    chunks: HashMap<ChunkKey, Chunk>,
    /// The chunk by when it was used last.
    by_use: BTreeMap<u64, ChunkKey>,
    clock: u64,
    bytes: usize,
    /// The scan that read a file's column first, by the column's position in the table.
    first_scans: HashMap<(Arc<str>, usize), ScanId>,
    scans: ScanId,
}

#[derive(Debug)]
struct Chunk {
    values: ArrayRef,
    bytes: usize,
    last_use: u64,
}

impl ColumnCache {
    pub(crate) fn new(capacity_bytes: usize) -> Self {
        Self { capacity_bytes, state: Mutex::default() }
    }

    fn next_scan(&self) -> ScanId {
        let mut state = self.state();
        state.scans += 1;
        state.scans
    }

    /// Whether an earlier scan has read all these columns of the table from the file. A table that is read once, as staging tables
    /// are, is not worth keeping.
    fn were_scanned_before(&self, path: &Arc<str>, columns: &[usize], scan: ScanId) -> bool {
        let mut state = self.state();
        if state.first_scans.len() > MAX_SCANNED_ONCE {
            state.first_scans.clear();
        }
        columns.iter().fold(true, |all, column| {
            let first = *state.first_scans.entry((Arc::clone(path), *column)).or_insert(scan);
            all && first != scan
        })
    }

    fn get(&self, key: &ChunkKey) -> Option<ArrayRef> {
        let mut state = self.state();
        let state = &mut *state;
        let chunk = state.chunks.get_mut(key)?;
        state.clock += 1;
        let used = std::mem::replace(&mut chunk.last_use, state.clock);
        if let Some(key) = state.by_use.remove(&used) {
            state.by_use.insert(state.clock, key);
        }
        Some(Arc::clone(&chunk.values))
    }

    fn put(&self, key: ChunkKey, values: ArrayRef) {
        let bytes = values.get_array_memory_size();
        let mut state = self.state();
        state.clock += 1;
        let last_use = state.clock;
        state.remove(&key);
        state.by_use.insert(last_use, key.clone());
        state.chunks.insert(key, Chunk { values, bytes, last_use });
        state.bytes += bytes;
        while state.bytes > self.capacity_bytes {
            let Some(oldest) = state.by_use.values().next().cloned() else { break };
            state.remove(&oldest);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remove(&mut self, key: &ChunkKey) {
        if let Some(chunk) = self.chunks.remove(key) {
            self.by_use.remove(&chunk.last_use);
            self.bytes -= chunk.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, ArrayRef, Int64Array};

    use super::{ChunkKey, ColumnCache};

    fn key(column: usize) -> ChunkKey {
        ChunkKey { path: Arc::from("a.parquet"), row_group: 0, column }
    }

    #[test]
    fn what_was_unused_for_longest_goes_first() {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![1; 100]));
        let cache = ColumnCache::new(2 * values.get_array_memory_size());
        cache.put(key(0), Arc::clone(&values));
        cache.put(key(1), Arc::clone(&values));
        assert!(cache.get(&key(0)).is_some());
        cache.put(key(2), values);
        assert!(cache.get(&key(1)).is_none());
        assert!(cache.get(&key(0)).is_some() && cache.get(&key(2)).is_some());
    }

    #[test]
    fn a_column_counts_as_scanned_from_the_second_scan_on() {
        let cache = ColumnCache::new(1000);
        let path = Arc::from("a.parquet");
        let (first, second) = (cache.next_scan(), cache.next_scan());
        assert!(!cache.were_scanned_before(&path, &[0, 1], first));
        assert!(!cache.were_scanned_before(&path, &[0, 1], first), "another thread of the same scan");
        assert!(!cache.were_scanned_before(&path, &[1, 2], second));
        assert!(cache.were_scanned_before(&path, &[0, 1], second));
    }
}
