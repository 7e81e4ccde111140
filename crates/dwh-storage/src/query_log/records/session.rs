//! Sessions.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::{optional_time, time};

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

pub(super) fn put(transaction: &Transaction<'_>, session: &SessionRecord) -> rusqlite::Result<()> {
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

pub(in crate::query_log) fn read(row: &Row<'_>) -> rusqlite::Result<SessionRecord> {
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
