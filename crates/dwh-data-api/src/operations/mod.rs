//! The operations of the API, one file each or a pair that differs little.

pub(crate) mod cancel;
pub(crate) mod describe_statement;
pub(crate) mod describe_table;
pub(crate) mod execute;
pub(crate) mod list_databases;
pub(crate) mod list_schemas;
pub(crate) mod list_sessions;
pub(crate) mod list_statements;
pub(crate) mod list_tables;
pub(crate) mod result;

mod catalog;
mod paging;
mod whose;

use chrono::{DateTime, Utc};

use crate::error::ApiError;

/// A moment as the API writes it: seconds since 1970.
fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

/// Seconds to wait for the end of a statement, 1 to 30; 0 without.
fn wait_seconds(asked: Option<u64>) -> Result<u64, ApiError> {
    match asked {
        None => Ok(0),
        Some(seconds @ 1..=30) => Ok(seconds),
        Some(other) => Err(ApiError::validation(format!("WaitTimeSeconds is 1 to 30, not {other}"))),
    }
}
