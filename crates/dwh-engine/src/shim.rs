//! Temporary.
#![allow(missing_docs, dead_code)]
use chrono::{DateTime, Utc};
use dwh_storage::StorageError;
#[derive(Clone, Debug)]
pub struct LoadRecord {
    pub query_id: i64,
    pub transaction_id: i64,
    pub session_id: i32,
    pub user_id: i32,
    pub database: String,
    pub table_schema: String,
    pub table_name: String,
    pub table_id: i64,
    pub status: LoadStatus,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub query_text: String,
    pub data_source: String,
    pub file_format: String,
    pub loaded_rows: u64,
    pub loaded_bytes: u64,
    pub source_file_count: u64,
    pub source_file_bytes: u64,
    pub error_count: u64,
}
#[derive(Clone, Debug)]
pub enum LoadStatus {
    Running,
    Completed,
    Aborted,
}
impl std::fmt::Display for LoadStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Aborted => "aborted",
        })
    }
}
#[derive(Clone, Debug)]
pub struct LoadFileRecord {
    pub query_id: i64,
    pub file_name: String,
    pub bytes: u64,
    pub etag: Option<String>,
    pub rows: u64,
    pub lines_scanned: u64,
    pub errors: u64,
    pub finished_at: DateTime<Utc>,
}
#[derive(Clone, Debug)]
pub struct LoadErrorRecord {
    pub query_id: i64,
    pub slice: i32,
    pub table_id: i64,
    pub started_at: DateTime<Utc>,
    pub session_id: i32,
    pub file_name: String,
    pub line_number: i64,
    pub column_name: String,
    pub column_type: String,
    pub column_length: String,
    pub position: i32,
    pub raw_line: String,
    pub raw_field_value: String,
    pub err_code: i32,
    pub err_reason: String,
    pub fields: Vec<LoadFieldRecord>,
}
#[derive(Clone, Debug)]
pub struct LoadFieldRecord {
    pub field: i32,
    pub column_name: String,
    pub value: String,
    pub is_null: bool,
    pub column_type: String,
    pub column_length: String,
}
#[derive(Clone)]
pub struct LoadLog;
impl LoadLog {
    pub fn next_query_id(&self) -> Result<i64, StorageError> {
        Ok(1)
    }
    pub fn begin_load(&self, _: &LoadRecord) -> Result<(), StorageError> {
        Ok(())
    }
    pub fn finish_load(
        &self,
        _: &LoadRecord,
        _: &[LoadFileRecord],
        _: &[LoadErrorRecord],
    ) -> Result<(), StorageError> {
        Ok(())
    }
    pub fn loads(&self) -> Result<Vec<LoadRecord>, StorageError> {
        Ok(vec![])
    }
    pub fn files(&self) -> Result<Vec<LoadFileRecord>, StorageError> {
        Ok(vec![])
    }
    pub fn errors(&self) -> Result<Vec<LoadErrorRecord>, StorageError> {
        Ok(vec![])
    }
}
pub trait Ext {
    fn load_log(&self) -> LoadLog {
        LoadLog
    }
}
impl Ext for dwh_storage::Warehouse {}
