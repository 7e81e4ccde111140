//! What a COPY leaves in the load history, of which `stl_load_commits`, `stl_load_errors` and others are made.

use std::sync::Arc;

use chrono::Utc;
use dwh_common::SqlError;
use dwh_copy::{DataFormat, LoadError, ObjectReport, Replacement, TransferFault};
use dwh_sql::statement::Copy;
use dwh_storage::{
    LoadErrorRecord, LoadFieldRecord, LoadFileRecord, LoadFindings, LoadRecord, LoadReplacementRecord,
    LoadStatus, Table, TransferFaultRecord,
};

use crate::context::StatementContext;

/// What a COPY has read, for the history.
#[derive(Clone, Copy, Default)]
pub(super) struct Scanned<'a> {
    pub(super) objects: &'a [ObjectReport],
    pub(super) errors: &'a [LoadError],
    pub(super) replacements: &'a [Replacement],
}

/// Notes that a load begins.
pub(super) fn begin(
    context: &StatementContext<'_>,
    table: &Table,
    copy: &Copy,
    format: &DataFormat,
) -> Result<LoadRecord, SqlError> {
    let log = context.engine.warehouse().load_log();
    let record = LoadRecord {
        query_id: context.query_id(),
        transaction_id: context.transaction.id() as i64,
        session_id: context.session_id,
        user_id: i32::try_from(context.user_id).unwrap_or_default(),
        database: context.engine.database().to_owned(),
        table_schema: table.definition.schema.clone(),
        table_name: table.definition.name.clone(),
        table_id: table.id,
        status: LoadStatus::Running,
        started_at: context.statement_start,
        ended_at: None,
        query_text: context.text.to_owned(),
        data_source: copy.source.clone(),
        file_format: format.name().to_owned(),
        loaded_rows: 0,
        loaded_bytes: 0,
        source_file_count: 0,
        source_file_bytes: 0,
        error_count: 0,
    };
    log.begin_load(&record)?;
    Ok(record)
}

/// Writes the end of a load to the history. The history is a record beside the data: if it cannot be
/// written, the load itself still counts, and the log says so.
pub(super) fn finish_log(
    context: &StatementContext<'_>,
    mut load: LoadRecord,
    table: &Table,
    Scanned { objects, errors, replacements }: Scanned<'_>,
) {
    let ended_at = Utc::now();
    load.ended_at = Some(ended_at);
    load.source_file_count = objects.len() as u64;
    load.source_file_bytes = objects.iter().map(|object| object.size_bytes).sum();
    let query_id = load.query_id;
    let files = objects.iter().map(|object| LoadFileRecord {
        query_id,
        file_name: Arc::clone(&object.url),
        bytes: object.size_bytes,
        etag: object.etag.clone(),
        rows: object.rows,
        lines_scanned: object.lines_scanned,
        errors: object.errors,
        slice: object.slice,
        started_at: object.started_at,
        transferred_at: object.transferred_at,
        finished_at: object.finished_at.unwrap_or(ended_at),
    });
    let replacement = |replacement: &Replacement| LoadReplacementRecord {
        query_id,
        file_name: replacement.url.to_string(),
        line_number: replacement.line_number,
        column_name: replacement.column.clone(),
        raw_line: replacement.raw_line.clone(),
        slice: replacement.slice,
    };
    let transfer_fault = |fault: TransferFault| TransferFaultRecord {
        query_id,
        at: fault.at,
        http_method: fault.method,
        object_url: fault.url.to_string(),
        error: fault.error,
    };
    let found = LoadFindings {
        files,
        errors: errors.iter().map(|error| error_record(&load, table, error)).collect(),
        replacements: replacements.iter().map(replacement).collect(),
        transfer_faults: context.copy_progress.take_faults().into_iter().map(transfer_fault).collect(),
    };
    let log = context.engine.warehouse().load_log();
    if let Err(error) = log.finish_load(&load, found) {
        tracing::warn!(query_id = load.query_id, %error, "the load history was not written");
    }
}

fn error_record(load: &LoadRecord, table: &Table, error: &LoadError) -> LoadErrorRecord {
    let length = |bytes: Option<u32>| bytes.map_or_else(String::new, |bytes| bytes.to_string());
    let column = error.column.as_ref();
    LoadErrorRecord {
        query_id: load.query_id,
        slice: error.slice,
        table_id: table.id,
        started_at: load.started_at,
        session_id: load.session_id,
        file_name: error.url.to_string(),
        line_number: error.line_number,
        column_name: column.map_or_else(String::new, |column| column.name.clone()),
        column_type: column.map_or_else(String::new, |column| column.type_name.to_owned()),
        column_length: length(column.and_then(|column| column.length)),
        position: error.position,
        raw_line: error.raw_line.clone(),
        raw_field_value: error.raw_field_value.clone(),
        err_code: error.code,
        err_reason: error.reason.clone(),
        fields: error
            .fields
            .iter()
            .map(|field| LoadFieldRecord {
                field: field.index as i32,
                column_name: field.column.name.clone(),
                value: field.value.clone(),
                is_null: field.is_null,
                column_type: field.column.type_name.to_owned(),
                column_length: length(field.column.length),
            })
            .collect(),
    }
}
