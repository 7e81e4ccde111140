//! Write locks of tables: one transaction at a time, others queue (RS 3.7).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::definition::TableId;
use crate::error::StorageError;

/// What a statement is about to do to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteIntent {
    /// Add rows: goes together with rows that others added since.
    Append,
    /// Delete or replace rows: needs the newest version of the table.
    Rewrite,
    /// Change the definition, or drop the table: needs the newest version of the table.
    Define,
}

/// A write lock of a table, held or waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLock {
    /// The table.
    pub table: TableId,
    /// The transaction.
    pub transaction: u64,
    /// Whether the transaction has it.
    pub granted: bool,
    /// Since when it is held.
    pub held_since: Option<DateTime<Utc>>,
}

/// All write locks of a warehouse.
#[derive(Debug, Default)]
pub(crate) struct LockTable {
    state: Mutex<State>,
    released: Notify,
}

#[derive(Debug, Default)]
struct State {
    holders: HashMap<TableId, Holder>,
    waiting: HashMap<u64, TableId>,
}

#[derive(Debug, Clone, Copy)]
struct Holder {
    transaction: u64,
    since: DateTime<Utc>,
}

impl State {
    /// The transaction that waits, directly or over others, for `transaction`, if it would wait for `table`.
    fn cycle(&self, transaction: u64, table: TableId) -> Option<u64> {
        let mut wanted = table;
        let mut seen = HashSet::new();
        loop {
            let holder = self.holders.get(&wanted)?.transaction;
            if holder == transaction {
                return Some(transaction);
            }
            if !seen.insert(holder) {
                return None;
            }
            wanted = *self.waiting.get(&holder)?;
        }
    }
}

impl LockTable {
    fn state(&self) -> MutexGuard<'_, State> {
        // The maps are consistent after every statement; a panic elsewhere does not spoil them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All locks, by table; who waits behind who holds.
    pub(crate) fn list(&self) -> Vec<TableLock> {
        let state = self.state();
        let held = state.holders.iter().map(|(table, holder)| TableLock {
            table: *table,
            transaction: holder.transaction,
            granted: true,
            held_since: Some(holder.since),
        });
        let waiting = state.waiting.iter().map(|(transaction, table)| TableLock {
            table: *table,
            transaction: *transaction,
            granted: false,
            held_since: None,
        });
        let mut all: Vec<_> = held.chain(waiting).collect();
        all.sort_by_key(|lock| (lock.table, !lock.granted, lock.transaction));
        all
    }
}

/// The locks of one transaction, released when dropped.
#[derive(Debug)]
pub(crate) struct HeldLocks {
    all: Arc<LockTable>,
    transaction: u64,
    held: HashSet<TableId>,
}

impl HeldLocks {
    pub(crate) fn new(all: Arc<LockTable>, transaction: u64) -> Self {
        Self { all, transaction, held: HashSet::new() }
    }

    /// Takes the lock of a table, waiting for it. Dropping the future gives up the wait.
    pub(crate) async fn acquire(&mut self, table: TableId) -> Result<(), StorageError> {
        let all = Arc::clone(&self.all);
        let _waiting = Waiting { all: &all, transaction: self.transaction };
        loop {
            // Registered before the look at the state, so that no release between the two is missed.
            let mut released = std::pin::pin!(all.released.notified());
            released.as_mut().enable();
            if self.try_acquire(table)? {
                return Ok(());
            }
            released.await;
        }
    }

    /// Takes the lock if it is free; else notes the wait, unless it would never end.
    fn try_acquire(&mut self, table: TableId) -> Result<bool, StorageError> {
        let mut state = self.all.state();
        match state.holders.get(&table).map(|holder| holder.transaction) {
            Some(holder) if holder == self.transaction => Ok(true),
            Some(holder) => {
                if state.cycle(self.transaction, table).is_some() {
                    return Err(StorageError::Deadlock {
                        table,
                        transaction: self.transaction,
                        other: holder,
                    });
                }
                state.waiting.insert(self.transaction, table);
                Ok(false)
            }
            None => {
                state.holders.insert(table, Holder { transaction: self.transaction, since: Utc::now() });
                self.held.insert(table);
                Ok(true)
            }
        }
    }

    /// Takes the lock if nobody holds it.
    pub(crate) fn acquire_now(&mut self, table: TableId) -> bool {
        let mut state = self.all.state();
        let now = Holder { transaction: self.transaction, since: Utc::now() };
        let holder = state.holders.entry(table).or_insert(now).transaction;
        if holder == self.transaction {
            self.held.insert(table);
        }
        holder == self.transaction
    }
}

impl Drop for HeldLocks {
    fn drop(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let mut state = self.all.state();
        for table in &self.held {
            state.holders.remove(table);
        }
        drop(state);
        self.all.released.notify_waiters();
    }
}

struct Waiting<'a> {
    all: &'a LockTable,
    transaction: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.state().waiting.remove(&self.transaction);
    }
}
