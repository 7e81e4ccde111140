//! Entries of the log, and how they lie in its tables. Times are UTC with microseconds.

pub(super) mod maintenance;
pub(super) mod plan;
pub(super) mod procedure_message;
pub(super) mod session;
pub(super) mod statement;
pub(super) mod transaction;
pub(super) mod user_change;

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction};

pub use maintenance::{MaintenanceRecord, TableSize};
pub use plan::{PlanNodeRecord, StepRecord};
pub use procedure_message::ProcedureMessageRecord;
pub use session::{Client, SessionRecord};
pub use statement::{StatementClass, StatementRecord, StatementStatus};
pub use transaction::TransactionRecord;
pub use user_change::UserChangeRecord;

use super::LogEntry;

/// Writes one entry.
pub(super) fn put(transaction: &Transaction<'_>, entry: &LogEntry) -> rusqlite::Result<()> {
    match entry {
        LogEntry::Statement { record, plan, steps } => {
            statement::put(transaction, record)?;
            plan::put_nodes(transaction, plan)?;
            plan::put_steps(transaction, steps)
        }
        LogEntry::Session(session) => session::put(transaction, session),
        LogEntry::Transaction(ended) => transaction::put(transaction, ended),
        LogEntry::UserChange(change) => user_change::put(transaction, change),
        LogEntry::ProcedureMessage(message) => procedure_message::put(transaction, message),
        LogEntry::Maintenance(done) => maintenance::put(transaction, done),
    }
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    Ok(optional_time(row, column)?.unwrap_or_default())
}

fn optional_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let micros: Option<i64> = row.get(column)?;
    Ok(micros.and_then(DateTime::from_timestamp_micros))
}
