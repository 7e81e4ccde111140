//! The log of statements, sessions and transactions, for the system tables that tell what has run (RS 5.3).
//!
//! It is a SQLite file of its own beside the catalog, `log.sqlite`, so that writing it never waits for a commit
//! nor a commit for it. Entries are collected in memory and written by a thread in one SQLite transaction a
//! second; whoever reads the log has them written first. It is a log and not data: a crash may lose its last
//! second, a damaged file is begun anew, and where no file can be written it is kept in memory.

mod records;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub use records::{
    Client, PlanNodeRecord, SessionRecord, StatementClass, StatementRecord, StatementStatus, StepRecord,
    TransactionRecord, UserChangeRecord,
};

use crate::error::StorageError;

/// The file's name in the warehouse's folder.
const FILE: &str = "log.sqlite";
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// Entries that wait in memory while the file cannot be written; older ones are lost first.
const MAX_PENDING: usize = 20_000;
/// Query ids that a process takes from the log at once.
const QUERY_IDS: i64 = 100;

/// The log of one warehouse. Cheap to clone; what waits is written when the last clone is gone.
#[derive(Debug, Clone)]
pub struct QueryLog {
    writer: Arc<Writer>,
}

#[derive(Debug)]
struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    connection: Mutex<Connection>,
    pending: Mutex<Pending>,
    wake: Condvar,
    query_ids: Mutex<std::ops::Range<i64>>,
    /// No query id below is given out: loads have them.
    first_query_id: i64,
}

#[derive(Debug, Default)]
struct Pending {
    entries: Vec<LogEntry>,
    closed: bool,
}

/// What is logged.
#[derive(Debug, Clone)]
pub enum LogEntry {
    /// A statement has ended.
    Statement(Box<StatementRecord>),
    /// A session has begun, or (with its end) ended.
    Session(Box<SessionRecord>),
    /// A transaction has ended.
    Transaction(TransactionRecord),
    /// A user was created, altered or dropped.
    UserChange(Box<UserChangeRecord>),
}

impl QueryLog {
    /// Opens the log in a warehouse's folder, or one in memory if that cannot be used. No query id below
    /// `first_query_id` is given out.
    pub(crate) fn open(dir: &Path, first_query_id: i64) -> Result<Self, StorageError> {
        let path = dir.join(FILE);
        let connection = match schema::open(&path) {
            Ok(connection) => connection,
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "the query log is kept in memory");
                schema::open_in_memory().map_err(StorageError::catalog(&path))?
            }
        };
        let shared = Arc::new(Shared {
            path,
            connection: Mutex::new(connection),
            pending: Mutex::default(),
            wake: Condvar::new(),
            query_ids: Mutex::new(0..0),
            first_query_id,
        });
        Ok(Self { writer: Arc::new(Writer { shared, thread: Mutex::default() }) })
    }

    /// A query id never given out before.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn next_query_id(&self) -> Result<i64, StorageError> {
        let shared = &self.writer.shared;
        let mut ids = lock(&shared.query_ids);
        if ids.is_empty() {
            let first = shared.reserve("query", QUERY_IDS, shared.first_query_id)?;
            *ids = first..first + QUERY_IDS;
        }
        ids.next().ok_or_else(|| StorageError::Interrupted("no query id is left".to_owned()))
    }

    /// The first of `count` numbers of this name that no other process has.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn reserve(&self, name: &str, count: i64) -> Result<i64, StorageError> {
        self.writer.shared.reserve(name, count, 1)
    }

    /// Adds an entry; it is written within a second.
    pub fn add(&self, entry: LogEntry) {
        let shared = &self.writer.shared;
        let mut pending = lock(&shared.pending);
        if pending.entries.len() >= MAX_PENDING {
            pending.entries.drain(..MAX_PENDING / 2);
        }
        let first = pending.entries.is_empty();
        pending.entries.push(entry);
        drop(pending);
        if first {
            self.writer.start();
            shared.wake.notify_one();
        }
    }

    /// Statements that have ended, oldest first, at most the newest 10,000.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn statements(&self) -> Result<Vec<StatementRecord>, StorageError> {
        self.read("SELECT * FROM statement ORDER BY query_id", records::statement)
    }

    /// Nodes of the plans of these statements, in the order of the plan.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn plan_nodes(&self) -> Result<Vec<PlanNodeRecord>, StorageError> {
        self.read("SELECT * FROM plan_node ORDER BY query_id, node_id", records::plan_node)
    }

    /// Steps of these statements, in their order.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn steps(&self) -> Result<Vec<StepRecord>, StorageError> {
        self.read("SELECT * FROM step ORDER BY query_id, segment, step", records::step)
    }

    /// Sessions, oldest first; those without an end are open, or their process has died.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn sessions(&self) -> Result<Vec<SessionRecord>, StorageError> {
        self.read("SELECT * FROM session ORDER BY session_id", records::session)
    }

    /// Transactions that have ended, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn transactions(&self) -> Result<Vec<TransactionRecord>, StorageError> {
        self.read("SELECT * FROM transaction_end ORDER BY ended_us", records::transaction)
    }

    /// Changes of users, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn user_changes(&self) -> Result<Vec<UserChangeRecord>, StorageError> {
        self.read("SELECT * FROM user_change ORDER BY changed_us", records::user_change)
    }

    fn read<T>(
        &self,
        sql: &str,
        map: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StorageError> {
        let shared = &self.writer.shared;
        shared.write_pending();
        let connection = lock(&shared.connection);
        let read = || -> rusqlite::Result<Vec<T>> { connection.prepare(sql)?.query_map([], map)?.collect() };
        read().map_err(StorageError::catalog(&shared.path))
    }
}

impl Shared {
    fn reserve(&self, name: &str, count: i64, lowest: i64) -> Result<i64, StorageError> {
        let connection = lock(&self.connection);
        let sql = "INSERT INTO counter(name, next) VALUES (?1, ?2 + ?3)
                   ON CONFLICT (name) DO UPDATE SET next = max(next, ?3) + ?2
                   RETURNING next - ?2";
        let reserved = connection.query_row(sql, params![name, count, lowest], |row| row.get(0)).optional();
        match reserved.map_err(StorageError::catalog(&self.path))? {
            Some(first) => Ok(first),
            None => Err(StorageError::Interrupted("the query log gave no number".to_owned())),
        }
    }

    /// Writes what waits. If that fails it waits on: another process may be writing.
    fn write_pending(&self) {
        let mut connection = lock(&self.connection);
        let entries = std::mem::take(&mut lock(&self.pending).entries);
        if entries.is_empty() {
            return;
        }
        let mut write = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for entry in &entries {
                records::put(&transaction, entry)?;
            }
            schema::forget_old(&transaction)?;
            transaction.commit()
        };
        if let Err(error) = write() {
            tracing::debug!(path = %self.path.display(), %error, "the query log was not written");
            lock(&self.pending).entries.splice(0..0, entries);
        }
    }

    /// Writes once a second while there is something to write, until the log is closed.
    fn run(&self) {
        loop {
            let mut pending = lock(&self.pending);
            while pending.entries.is_empty() && !pending.closed {
                pending = self.wake.wait(pending).unwrap_or_else(PoisonError::into_inner);
            }
            let closed = |pending: &mut Pending| !pending.closed;
            let (pending, _) = self
                .wake
                .wait_timeout_while(pending, WRITE_EVERY, closed)
                .unwrap_or_else(PoisonError::into_inner);
            let closed = pending.closed;
            drop(pending);
            self.write_pending();
            if closed {
                return;
            }
        }
    }
}

impl Writer {
    fn start(&self) {
        let mut thread = lock(&self.thread);
        if thread.is_none() {
            let shared = Arc::clone(&self.shared);
            let started =
                std::thread::Builder::new().name("dwh-query-log".to_owned()).spawn(move || shared.run());
            match started {
                Ok(started) => *thread = Some(started),
                Err(error) => tracing::debug!(%error, "the query log is written when it is read"),
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.shared.pending).closed = true;
        self.shared.wake.notify_all();
        match lock(&self.thread).take() {
            Some(thread) => drop(thread.join()),
            None => self.shared.write_pending(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole after every statement; a panic elsewhere does not spoil it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{LogEntry, QueryLog, StatementRecord};

    fn statement(log: &QueryLog, text: &str) -> StatementRecord {
        // As exact as the log is.
        let now = DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a time");
        StatementRecord {
            query_id: log.next_query_id().expect("a number"),
            started_at: now,
            ended_at: now,
            text: text.to_owned(),
            ..StatementRecord::default()
        }
    }

    #[test]
    fn what_is_logged_is_read_at_once_and_after_opening_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let log = QueryLog::open(dir.path(), 1).expect("a log");
        let first = statement(&log, "select 1");
        log.add(LogEntry::Statement(Box::new(first.clone())));
        assert_eq!(log.statements().expect("readable"), std::slice::from_ref(&first));
        log.add(LogEntry::Statement(Box::new(statement(&log, "select 2"))));
        drop(log);
        let log = QueryLog::open(dir.path(), 1).expect("a log");
        let texts: Vec<_> = log.statements().expect("readable").into_iter().map(|s| s.text).collect();
        assert_eq!(texts, ["select 1", "select 2"]);
        assert!(log.next_query_id().expect("a number") > first.query_id + 1);
    }

    #[test]
    fn two_processes_get_different_numbers() {
        let dir = tempfile::tempdir().expect("a folder");
        let (one, two) =
            (QueryLog::open(dir.path(), 7).expect("one"), QueryLog::open(dir.path(), 7).expect("two"));
        let mut ids = Vec::new();
        for _ in 0..250 {
            ids.extend([one.next_query_id().expect("a number"), two.next_query_id().expect("a number")]);
        }
        assert!(ids.iter().all(|id| *id >= 7));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 500);
    }

    #[test]
    fn a_damaged_file_is_begun_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join(super::FILE), "not a database, and longer than its header".repeat(50))
            .expect("written");
        let log = QueryLog::open(dir.path(), 1).expect("a log");
        log.add(LogEntry::Statement(Box::new(statement(&log, "select 1"))));
        assert_eq!(log.statements().expect("readable").len(), 1);
    }

    #[test]
    fn the_oldest_statements_are_forgotten() {
        let dir = tempfile::tempdir().expect("a folder");
        let log = QueryLog::open(dir.path(), 1).expect("a log");
        for _ in 0..12_000 {
            log.add(LogEntry::Statement(Box::new(statement(&log, "select 1"))));
        }
        let kept = log.statements().expect("readable");
        assert_eq!(kept.len(), 10_000);
        assert_eq!(kept[0].query_id, 2_001);
    }
}
