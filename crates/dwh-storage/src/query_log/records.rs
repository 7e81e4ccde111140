//! Entries of the log, and how they lie in its tables. Times are UTC with microseconds.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, Transaction, params};

use super::LogEntry;

/// A statement that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementRecord {
    /// From [`super::QueryLog::next_query_id`].
    pub query_id: i64,
    /// Number of the transaction.
    pub transaction_id: i64,
    /// Number of the session, `pg_backend_pid()`.
    pub session_id: i64,
    /// Number of the user whose rights it had.
    pub user_id: i64,
    /// That user's name.
    pub user_name: String,
    /// Database.
    pub database: String,
    /// `query_group`.
    pub label: String,
    /// What sys_query_history calls its type: `SELECT`, `DDL`, ….
    pub kind: String,
    /// Which log Redshift writes it to.
    pub class: StatementClass,
    /// Whether a leader node would have answered it by itself: it read no table.
    pub on_leader: bool,
    /// How it ended.
    pub status: StatementStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its last row was read.
    pub ended_at: DateTime<Utc>,
    /// Time until its plan was made, in microseconds.
    pub planning_us: i64,
    /// Time that it waited for locks, in microseconds.
    pub lock_wait_us: i64,
    /// SQLSTATE, if it failed.
    pub error_code: Option<String>,
    /// Why it failed.
    pub error_message: Option<String>,
    /// Rows returned, or changed.
    pub rows: i64,
    /// Bytes of the rows returned, in memory.
    pub bytes: i64,
    /// Its text, secrets masked.
    pub text: String,
}

/// A node of a statement's plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanNodeRecord {
    /// The statement.
    pub query_id: i64,
    /// Number in the plan from 1, parents first.
    pub node_id: i64,
    /// The parent's number, 0 for the first.
    pub parent_id: i64,
    /// Its line as EXPLAIN shows it.
    pub text: String,
    /// Conditions and keys, as the lines below it.
    pub info: String,
}

/// What one step of a statement did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepRecord {
    /// The statement.
    pub query_id: i64,
    /// The pipeline that it belongs to, from 0: those that feed others come first.
    pub segment: i64,
    /// Its place in the pipeline, from 0.
    pub step: i64,
    /// What it does: `scan`, `hashjoin`, `aggregate`, ….
    pub name: String,
    /// The table that it reads.
    pub table_id: Option<i64>,
    /// The table's name.
    pub table_name: Option<String>,
    /// Rows that came out of it.
    pub rows: Option<i64>,
    /// Bytes of these rows.
    pub bytes: Option<i64>,
    /// Processor time spent in it, in microseconds.
    pub elapsed_us: Option<i64>,
    /// Whether it wrote to disk.
    pub is_spilled: bool,
}

/// Which of the logs of statements a statement is in: stl_query, stl_ddltext or stl_utilitytext.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatementClass {
    /// Queries and what moves rows.
    Query,
    /// Definitions of schemas, tables and views.
    Ddl,
    /// Everything else.
    #[default]
    Utility,
}

/// How a statement ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatementStatus {
    /// Well.
    #[default]
    Success,
    /// With an error.
    Failed,
    /// By CANCEL, a time limit or the client.
    Canceled,
}

/// A session, as it was when it began; with its end once there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionRecord {
    /// Number, `pg_backend_pid()`.
    pub session_id: i64,
    /// Number of the user that it was opened for.
    pub user_id: i64,
    /// That user's name.
    pub user_name: String,
    /// Database.
    pub database: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// SESSION TIMEOUT in seconds, 0 without.
    pub timeout_s: i64,
    /// What the client said and how it came.
    pub client: Client,
}

/// Who connected, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// Address of the client; empty within the process.
    pub remote_host: String,
    /// Port of the client.
    pub remote_port: String,
    /// How it proved who it is, e.g. `password`.
    pub auth_method: String,
    /// e.g. `TLSv1.3`.
    pub tls_version: String,
    /// The cipher's name.
    pub tls_cipher: String,
    /// `application_name`.
    pub application_name: String,
    /// The driver's name and version.
    pub driver_version: String,
    /// The client's operating system.
    pub os_version: String,
    /// The driver's plug-in for authentication.
    pub plugin_name: String,
    /// Redshift's protocol version.
    pub protocol_version: i64,
}

/// A transaction that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionRecord {
    /// Number.
    pub transaction_id: i64,
    /// The user that ended it.
    pub user_id: i64,
    /// Its session.
    pub session_id: i64,
    /// Or rolled back.
    pub committed: bool,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its commit began.
    pub commit_started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: DateTime<Utc>,
}

/// A change of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChangeRecord {
    /// The user's number.
    pub user_id: i64,
    /// The user's name.
    pub user_name: String,
    /// The name before ALTER USER … RENAME, else empty.
    pub old_name: String,
    /// `create`, `alter`, `rename` or `drop`.
    pub action: String,
    /// CREATEDB.
    pub create_db: bool,
    /// CREATEUSER.
    pub superuser: bool,
    /// VALID UNTIL.
    pub valid_until: Option<DateTime<Utc>>,
    /// The session that changed it.
    pub session_id: i64,
    /// Its transaction.
    pub transaction_id: i64,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// What VACUUM or ANALYZE did to a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaintenanceRecord {
    /// The statement.
    pub query_id: i64,
    /// Its transaction.
    pub transaction_id: i64,
    /// The user whose rights it had.
    pub user_id: i64,
    /// Database.
    pub database: String,
    /// The table's number.
    pub table_id: i64,
    /// Its schema.
    pub schema_name: String,
    /// Its name.
    pub table_name: String,
    /// VACUUM, or else ANALYZE.
    pub is_vacuum: bool,
    /// Whether there was nothing to do.
    pub is_skipped: bool,
    /// The table before.
    pub before: TableSize,
    /// The table after.
    pub after: TableSize,
    /// When it began with the table.
    pub started_at: DateTime<Utc>,
    /// When it was done with it.
    pub ended_at: DateTime<Utc>,
}

/// How large a table is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Rows in its files, deleted ones included.
    pub rows: i64,
    /// Of these, deleted ones.
    pub deleted_rows: i64,
    /// Megabytes of its files, begun ones counted whole.
    pub blocks: i64,
}

macro_rules! as_text {
    ($type:ty, $($variant:ident = $text:literal),+) => {
        impl $type {
            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    };
}

as_text!(StatementClass, Query = "QUERY", Ddl = "DDL", Utility = "UTILITY");
as_text!(StatementStatus, Success = "success", Failed = "failed", Canceled = "canceled");

/// Writes one entry.
pub(super) fn put(transaction: &Transaction<'_>, entry: &LogEntry) -> rusqlite::Result<()> {
    match entry {
        LogEntry::Statement { record, plan, steps } => {
            put_statement(transaction, record)?;
            put_plan(transaction, plan)?;
            put_steps(transaction, steps)
        }
        LogEntry::Session(session) => put_session(transaction, session),
        LogEntry::Transaction(ended) => put_transaction(transaction, ended),
        LogEntry::UserChange(change) => put_user_change(transaction, change),
        LogEntry::Maintenance(done) => put_maintenance(transaction, done),
    }
}

fn put_statement(transaction: &Transaction<'_>, statement: &StatementRecord) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO statement(query_id, transaction_id, session_id, user_id, user_name,
                   database, label, kind, class, on_leader, status, started_us, ended_us, planning_us,
                   lock_wait_us, error_code, error_message, rows, bytes, text)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        statement.query_id,
        statement.transaction_id,
        statement.session_id,
        statement.user_id,
        statement.user_name,
        statement.database,
        statement.label,
        statement.kind,
        statement.class,
        statement.on_leader,
        statement.status,
        statement.started_at.timestamp_micros(),
        statement.ended_at.timestamp_micros(),
        statement.planning_us,
        statement.lock_wait_us,
        statement.error_code,
        statement.error_message,
        statement.rows,
        statement.bytes,
        statement.text,
    ])?;
    Ok(())
}

fn put_plan(transaction: &Transaction<'_>, plan: &[PlanNodeRecord]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO plan_node(query_id, node_id, parent_id, text, info)
               VALUES (?, ?, ?, ?, ?)";
    for node in plan {
        let values = params![node.query_id, node.node_id, node.parent_id, node.text, node.info];
        transaction.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

fn put_steps(transaction: &Transaction<'_>, steps: &[StepRecord]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO step(query_id, segment, step, name, table_id, table_name, rows, bytes,
                   elapsed_us, is_spilled)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for step in steps {
        transaction.prepare_cached(sql)?.execute(params![
            step.query_id,
            step.segment,
            step.step,
            step.name,
            step.table_id,
            step.table_name,
            step.rows,
            step.bytes,
            step.elapsed_us,
            step.is_spilled,
        ])?;
    }
    Ok(())
}

fn put_session(transaction: &Transaction<'_>, session: &SessionRecord) -> rusqlite::Result<()> {
    let client = &session.client;
    let sql = "INSERT OR REPLACE INTO session(session_id, user_id, user_name, database, started_us, ended_us,
                   timeout_s, remote_host, remote_port, auth_method, tls_version, tls_cipher,
                   application_name, driver_version, os_version, plugin_name, protocol_version)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        session.session_id,
        session.user_id,
        session.user_name,
        session.database,
        session.started_at.timestamp_micros(),
        session.ended_at.map(|at| at.timestamp_micros()),
        session.timeout_s,
        client.remote_host,
        client.remote_port,
        client.auth_method,
        client.tls_version,
        client.tls_cipher,
        client.application_name,
        client.driver_version,
        client.os_version,
        client.plugin_name,
        client.protocol_version,
    ])?;
    Ok(())
}

fn put_transaction(transaction: &Transaction<'_>, ended: &TransactionRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO transaction_end(transaction_id, user_id, session_id, committed, started_us,
                   commit_started_us, ended_us)
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        ended.transaction_id,
        ended.user_id,
        ended.session_id,
        ended.committed,
        ended.started_at.timestamp_micros(),
        ended.commit_started_at.map(|at| at.timestamp_micros()),
        ended.ended_at.timestamp_micros(),
    ])?;
    Ok(())
}

fn put_user_change(transaction: &Transaction<'_>, change: &UserChangeRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO user_change(user_id, user_name, old_name, action, create_db, superuser,
                   valid_until_us, session_id, transaction_id, changed_us)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        change.user_id,
        change.user_name,
        change.old_name,
        change.action,
        change.create_db,
        change.superuser,
        change.valid_until.map(|at| at.timestamp_micros()),
        change.session_id,
        change.transaction_id,
        change.changed_at.timestamp_micros(),
    ])?;
    Ok(())
}

fn put_maintenance(transaction: &Transaction<'_>, done: &MaintenanceRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO maintenance(query_id, transaction_id, user_id, database, table_id, schema_name,
                   table_name, is_vacuum, is_skipped, rows_before, deleted_before, blocks_before, rows_after,
                   deleted_after, blocks_after, started_us, ended_us)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        done.query_id,
        done.transaction_id,
        done.user_id,
        done.database,
        done.table_id,
        done.schema_name,
        done.table_name,
        done.is_vacuum,
        done.is_skipped,
        done.before.rows,
        done.before.deleted_rows,
        done.before.blocks,
        done.after.rows,
        done.after.deleted_rows,
        done.after.blocks,
        done.started_at.timestamp_micros(),
        done.ended_at.timestamp_micros(),
    ])?;
    Ok(())
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    Ok(optional_time(row, column)?.unwrap_or_default())
}

fn optional_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let micros: Option<i64> = row.get(column)?;
    Ok(micros.and_then(DateTime::from_timestamp_micros))
}

pub(super) fn statement(row: &Row<'_>) -> rusqlite::Result<StatementRecord> {
    Ok(StatementRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        session_id: row.get("session_id")?,
        user_id: row.get("user_id")?,
        user_name: row.get("user_name")?,
        database: row.get("database")?,
        label: row.get("label")?,
        kind: row.get("kind")?,
        class: row.get("class")?,
        on_leader: row.get("on_leader")?,
        status: row.get("status")?,
        started_at: time(row, "started_us")?,
        ended_at: time(row, "ended_us")?,
        planning_us: row.get("planning_us")?,
        lock_wait_us: row.get("lock_wait_us")?,
        error_code: row.get("error_code")?,
        error_message: row.get("error_message")?,
        rows: row.get("rows")?,
        bytes: row.get("bytes")?,
        text: row.get("text")?,
    })
}

pub(super) fn plan_node(row: &Row<'_>) -> rusqlite::Result<PlanNodeRecord> {
    Ok(PlanNodeRecord {
        query_id: row.get("query_id")?,
        node_id: row.get("node_id")?,
        parent_id: row.get("parent_id")?,
        text: row.get("text")?,
        info: row.get("info")?,
    })
}

pub(super) fn step(row: &Row<'_>) -> rusqlite::Result<StepRecord> {
    Ok(StepRecord {
        query_id: row.get("query_id")?,
        segment: row.get("segment")?,
        step: row.get("step")?,
        name: row.get("name")?,
        table_id: row.get("table_id")?,
        table_name: row.get("table_name")?,
        rows: row.get("rows")?,
        bytes: row.get("bytes")?,
        elapsed_us: row.get("elapsed_us")?,
        is_spilled: row.get("is_spilled")?,
    })
}

pub(super) fn session(row: &Row<'_>) -> rusqlite::Result<SessionRecord> {
    Ok(SessionRecord {
        session_id: row.get("session_id")?,
        user_id: row.get("user_id")?,
        user_name: row.get("user_name")?,
        database: row.get("database")?,
        started_at: time(row, "started_us")?,
        ended_at: optional_time(row, "ended_us")?,
        timeout_s: row.get("timeout_s")?,
        client: Client {
            remote_host: row.get("remote_host")?,
            remote_port: row.get("remote_port")?,
            auth_method: row.get("auth_method")?,
            tls_version: row.get("tls_version")?,
            tls_cipher: row.get("tls_cipher")?,
            application_name: row.get("application_name")?,
            driver_version: row.get("driver_version")?,
            os_version: row.get("os_version")?,
            plugin_name: row.get("plugin_name")?,
            protocol_version: row.get("protocol_version")?,
        },
    })
}

pub(super) fn transaction(row: &Row<'_>) -> rusqlite::Result<TransactionRecord> {
    Ok(TransactionRecord {
        transaction_id: row.get("transaction_id")?,
        user_id: row.get("user_id")?,
        session_id: row.get("session_id")?,
        committed: row.get("committed")?,
        started_at: time(row, "started_us")?,
        commit_started_at: optional_time(row, "commit_started_us")?,
        ended_at: time(row, "ended_us")?,
    })
}

pub(super) fn user_change(row: &Row<'_>) -> rusqlite::Result<UserChangeRecord> {
    Ok(UserChangeRecord {
        user_id: row.get("user_id")?,
        user_name: row.get("user_name")?,
        old_name: row.get("old_name")?,
        action: row.get("action")?,
        create_db: row.get("create_db")?,
        superuser: row.get("superuser")?,
        valid_until: optional_time(row, "valid_until_us")?,
        session_id: row.get("session_id")?,
        transaction_id: row.get("transaction_id")?,
        changed_at: time(row, "changed_us")?,
    })
}

pub(super) fn maintenance(row: &Row<'_>) -> rusqlite::Result<MaintenanceRecord> {
    Ok(MaintenanceRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        user_id: row.get("user_id")?,
        database: row.get("database")?,
        table_id: row.get("table_id")?,
        schema_name: row.get("schema_name")?,
        table_name: row.get("table_name")?,
        is_vacuum: row.get("is_vacuum")?,
        is_skipped: row.get("is_skipped")?,
        before: TableSize {
            rows: row.get("rows_before")?,
            deleted_rows: row.get("deleted_before")?,
            blocks: row.get("blocks_before")?,
        },
        after: TableSize {
            rows: row.get("rows_after")?,
            deleted_rows: row.get("deleted_after")?,
            blocks: row.get("blocks_after")?,
        },
        started_at: time(row, "started_us")?,
        ended_at: time(row, "ended_us")?,
    })
}
