//! Rejected records of loads, and their rows.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::{LoadLog, time, time_text};
use crate::error::StorageError;

/// One rejected record (RS 2.1, STL_LOAD_ERRORS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadErrorRecord {
    /// The COPY.
    pub query_id: i64,
    /// Slice that met it.
    pub slice: i32,
    /// Table.
    pub table_id: i64,
    /// When the load began.
    pub started_at: DateTime<Utc>,
    /// Session.
    pub session_id: i32,
    /// `s3://…` or a path.
    pub file_name: String,
    /// Line, from 1.
    pub line_number: i64,
    /// Column; empty for errors of the whole record.
    pub column_name: String,
    /// Short type name.
    pub column_type: String,
    /// Declared length, empty if the type has none.
    pub column_length: String,
    /// Byte offset of the fault in the field or record.
    pub position: i32,
    /// The record.
    pub raw_line: String,
    /// The field.
    pub raw_field_value: String,
    /// RS 2.3.
    pub err_code: i32,
    /// RS 2.3.
    pub err_reason: String,
    /// The fields up to the failing one.
    pub fields: Vec<LoadFieldRecord>,
}

/// One field of a rejected record (RS 2.2, STL_LOADERROR_DETAIL).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadFieldRecord {
    /// Position in the column list, from 0.
    pub field: i32,
    /// Column.
    pub column_name: String,
    /// The value as text.
    pub value: String,
    /// Whether it is NULL.
    pub is_null: bool,
    /// Short type name.
    pub column_type: String,
    /// Declared length, empty if the type has none.
    pub column_length: String,
}

impl LoadLog {
    /// Rejected records of all loads, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn errors(&self) -> Result<Vec<LoadErrorRecord>, StorageError> {
        let sql = "SELECT * FROM dwh_load_error_field ORDER BY load_error_id, field";
        let mut fields = self.read(sql, [], field)?.into_iter().peekable();
        let mut errors = self.read("SELECT * FROM dwh_load_error ORDER BY load_error_id", [], error)?;
        // Both are in the order of their ids, so that one pass brings them together.
        for (id, error) in &mut errors {
            while let Some((of, field)) = fields.next_if(|(of, _)| of <= id) {
                if of == *id {
                    error.fields.push(field);
                }
            }
        }
        Ok(errors.into_iter().map(|(_, error)| error).collect())
    }
}

pub(super) fn put(transaction: &Transaction<'_>, errors: &[LoadErrorRecord]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_load_error(query_id, slice, table_id, started_at, session_id, file_name,
                   line_number, column_name, column_type, column_length, position, raw_line, raw_field_value,
                   err_code, err_reason)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let mut statement = transaction.prepare(sql)?;
    let sql =
        "INSERT INTO dwh_load_error_field(load_error_id, field, column_name, value, is_null, column_type,
                   column_length) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let mut field_statement = transaction.prepare(sql)?;
    for error in errors {
        let id = statement.insert(params![
            error.query_id,
            error.slice,
            error.table_id,
            time_text(error.started_at),
            error.session_id,
            error.file_name,
            error.line_number,
            error.column_name,
            error.column_type,
            error.column_length,
            error.position,
            error.raw_line,
            error.raw_field_value,
            error.err_code,
            error.err_reason,
        ])?;
        for field in &error.fields {
            field_statement.execute(params![
                id,
                field.field,
                field.column_name,
                field.value,
                field.is_null,
                field.column_type,
                field.column_length,
            ])?;
        }
    }
    Ok(())
}

/// A rejected record, without its fields, and its id.
fn error(row: &Row<'_>) -> rusqlite::Result<(i64, LoadErrorRecord)> {
    let error = LoadErrorRecord {
        query_id: row.get("query_id")?,
        slice: row.get("slice")?,
        table_id: row.get("table_id")?,
        started_at: time(row, "started_at")?,
        session_id: row.get("session_id")?,
        file_name: row.get("file_name")?,
        line_number: row.get("line_number")?,
        column_name: row.get("column_name")?,
        column_type: row.get("column_type")?,
        column_length: row.get("column_length")?,
        position: row.get("position")?,
        raw_line: row.get("raw_line")?,
        raw_field_value: row.get("raw_field_value")?,
        err_code: row.get("err_code")?,
        err_reason: row.get("err_reason")?,
        fields: Vec::new(),
    };
    Ok((row.get("load_error_id")?, error))
}

/// A field of a rejected record, and that record's id.
fn field(row: &Row<'_>) -> rusqlite::Result<(i64, LoadFieldRecord)> {
    let field = LoadFieldRecord {
        field: row.get("field")?,
        column_name: row.get("column_name")?,
        value: row.get("value")?,
        is_null: row.get("is_null")?,
        column_type: row.get("column_type")?,
        column_length: row.get("column_length")?,
    };
    Ok((row.get("load_error_id")?, field))
}
