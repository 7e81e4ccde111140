//! The log of statements, sessions and transactions, for the system tables that tell what has run (RS 5.3).
//!
//! It is a SQLite file of its own beside the catalog, `log.sqlite`, so that writing it never waits for a commit
//! nor a commit for it. Entries are collected in memory and written by a thread in one SQLite transaction a
//! second; whoever reads the log has them written first. It is a log and not data: a crash may lose its last
//! second, a damaged file is begun anew, and where no file can be written it is kept in memory. Nothing that it
//! cannot do stops a statement.

mod file;
mod numbers;
mod records;
mod schema;

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::TransactionBehavior;

pub use records::{
    Client, MaintenanceRecord, PlanNodeRecord, ProcedureMessageRecord, SessionRecord, StatementClass,
    StatementRecord, StatementStatus, StepRecord, TableSize, TransactionRecord, UserChangeRecord,
};

use self::file::LogFile;
use self::numbers::Numbers;
use crate::error::StorageError;
use crate::warehouse::Mode;

/// The file's name in the warehouse's folder.
const FILE: &str = "log.sqlite";
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// Entries that wait in memory while the file cannot be written; older ones are lost first.
const MAX_PENDING: usize = 20_000;
/// Numbers of statements, and of transactions, that a process takes from the log at once.
const STATEMENTS: i64 = 100;
/// The same of sessions: few processes have more, and the numbers have to last.
const SESSIONS: i64 = 10;
/// `pg_backend_pid()` is a number as a cluster's, so that `CANCEL 1` of a script meets nobody.
const FIRST_SESSION_ID: i64 = 1 << 30;

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
    file: LogFile,
    pending: Mutex<Pending>,
    wake: Condvar,
    query_ids: Numbers,
    session_ids: Numbers,
    transaction_ids: Numbers,
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
    Statement {
        /// The statement.
        record: Box<StatementRecord>,
        /// Its plan; empty for what has none.
        plan: Vec<PlanNodeRecord>,
        /// What its steps did; empty for what has none.
        steps: Vec<StepRecord>,
    },
    /// A session has begun, or (with its end) ended.
    Session(Box<SessionRecord>),
    /// A transaction has ended.
    Transaction(TransactionRecord),
    /// A user was created, altered or dropped.
    UserChange(Box<UserChangeRecord>),
    /// A procedure raised a message.
    ProcedureMessage(Box<ProcedureMessageRecord>),
    /// VACUUM or ANALYZE is done with a table.
    Maintenance(Box<MaintenanceRecord>),
}

impl QueryLog {
    /// Opens the log in a warehouse's folder, or one in memory if that cannot be used. No query id below
    /// `first_query_id` is given out: loads have them.
    pub(crate) fn open(dir: &Path, mode: Mode, first_query_id: i64) -> Result<Self, StorageError> {
        let path = dir.join(FILE);
        let file = LogFile::open(path.clone(), mode).map_err(StorageError::catalog(&path))?;
        let shared = Arc::new(Shared {
            file,
            pending: Mutex::default(),
            wake: Condvar::new(),
            query_ids: Numbers::new("query", STATEMENTS, first_query_id),
            session_ids: Numbers::new("session", SESSIONS, FIRST_SESSION_ID),
            transaction_ids: Numbers::new("transaction", STATEMENTS, 1),
        });
        Ok(Self { writer: Arc::new(Writer { shared, thread: Mutex::default() }) })
    }

    /// A query id never given out before.
    pub fn next_query_id(&self) -> i64 {
        let shared = &self.writer.shared;
        shared.query_ids.next(&shared.file)
    }

    /// The number of a session, unlike those of other processes.
    pub fn next_session_id(&self) -> i64 {
        let shared = &self.writer.shared;
        shared.session_ids.next(&shared.file)
    }

    /// The number of a transaction, unlike those of other processes.
    pub fn next_transaction_id(&self) -> i64 {
        let shared = &self.writer.shared;
        shared.transaction_ids.next(&shared.file)
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
        self.read("SELECT * FROM statement ORDER BY query_id", records::statement::read)
    }

    /// Nodes of the plans of these statements, in the order of the plan.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn plan_nodes(&self) -> Result<Vec<PlanNodeRecord>, StorageError> {
        self.read("SELECT * FROM plan_node ORDER BY query_id, node_id", records::plan::read_node)
    }

    /// Steps of these statements, in their order.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn steps(&self) -> Result<Vec<StepRecord>, StorageError> {
        self.read("SELECT * FROM step ORDER BY query_id, segment, step", records::plan::read_step)
    }

    /// Sessions, oldest first; those without an end are open, or their process has died.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn sessions(&self) -> Result<Vec<SessionRecord>, StorageError> {
        self.read("SELECT * FROM session ORDER BY session_id", records::session::read)
    }

    /// Transactions that have ended, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn transactions(&self) -> Result<Vec<TransactionRecord>, StorageError> {
        self.read("SELECT * FROM transaction_end ORDER BY ended_us", records::transaction::read)
    }

    /// Changes of users, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn user_changes(&self) -> Result<Vec<UserChangeRecord>, StorageError> {
        self.read("SELECT * FROM user_change ORDER BY changed_us", records::user_change::read)
    }

    /// What VACUUM and ANALYZE did, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn maintenance(&self) -> Result<Vec<MaintenanceRecord>, StorageError> {
        self.read("SELECT * FROM maintenance ORDER BY ended_us, rowid", records::maintenance::read)
    }

    /// Messages that procedures raised, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn procedure_messages(&self) -> Result<Vec<ProcedureMessageRecord>, StorageError> {
        self.read("SELECT * FROM procedure_message ORDER BY rowid", records::procedure_message::read)
    }

    fn read<T>(
        &self,
        sql: &str,
        mut map: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StorageError> {
        let file = &self.writer.shared.file;
        self.writer.shared.write_pending();
        let read = file.with(|connection| connection.prepare(sql)?.query_map([], &mut map)?.collect());
        read.map_err(StorageError::catalog(file.path()))
    }
}

impl Shared {
    /// Writes what waits. If that fails it waits on: another process may be writing.
    fn write_pending(&self) {
        let mut entries = Vec::new();
        let written = self.file.with(|connection| {
            // Taken only now that no other thread writes, so that they stay in their order.
            entries.append(&mut lock(&self.pending).entries);
            if entries.is_empty() {
                return Ok(());
            }
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for entry in &entries {
                records::put(&transaction, entry)?;
            }
            schema::forget_old(&transaction)?;
            transaction.commit()
        });
        if let Err(error) = written {
            tracing::debug!(path = %self.file.path().display(), %error, "the query log was not written");
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
mod tests;
