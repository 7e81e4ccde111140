//! `/loads`: what was loaded, how fast, and which records were rejected.

use axum::Json;
use dwh_common::SqlState;
use dwh_pipeline::LEDGER_TABLE;
use dwh_sql::keywords::quote_literal;
use serde_json::Value;

use super::table_json;
use crate::error::ApiError;
use crate::extract::Segments;
use crate::security::{Login, LoginOf};
use crate::warehouse::Table;

/// The latest COPYs, as sys_load_history tells them; `duration` is in microseconds.
const HISTORY: &str = "SELECT query_id, TRIM(table_name) AS table_name, TRIM(status) AS status, start_time, duration, \
     loaded_rows, loaded_bytes, source_file_count, error_count, TRIM(data_source) AS data_source \
     FROM sys_load_history ORDER BY start_time DESC, query_id DESC LIMIT 200";

/// The latest rejected records. The text columns are padded with blanks (RS 10.1).
const ERRORS: &str = "SELECT starttime, TRIM(filename) AS filename, line_number, TRIM(colname) AS colname, TRIM(type) AS type, \
     TRIM(raw_field_value) AS raw_field_value, err_code, TRIM(err_reason) AS err_reason, TRIM(raw_line) AS raw_line \
     FROM stl_load_errors ORDER BY starttime DESC, filename, line_number LIMIT 500";

pub(super) async fn history(LoginOf(login): LoginOf) -> Result<Json<Value>, ApiError> {
    ask(&login, HISTORY).await
}

pub(super) async fn errors(LoginOf(login): LoginOf) -> Result<Json<Value>, ApiError> {
    ask(&login, ERRORS).await
}

/// The pipelines' runs, from the ledger.
pub(super) async fn runs(LoginOf(login): LoginOf) -> Result<Json<Value>, ApiError> {
    let sql = format!(
        "SELECT run_id, pipeline, MAX(loaded_at) AS loaded_at, COUNT(*) AS objects, SUM(size_bytes) AS bytes, \
         SUM(rows_loaded) AS rows_loaded, SUM(rows_rejected) AS rows_rejected \
         FROM public.{LEDGER_TABLE} GROUP BY run_id, pipeline ORDER BY loaded_at DESC, run_id LIMIT 200"
    );
    ask(&login, &sql).await
}

/// The objects of a run.
pub(super) async fn objects(
    LoginOf(login): LoginOf,
    Segments(run): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    // Redshift's texts hold no NUL, so that no run has such an id.
    if run.contains('\0') {
        return Err(ApiError::not_found("run"));
    }
    let sql = format!(
        "SELECT load_name, object_url, size_bytes, rows_loaded, rows_rejected, loaded_at \
         FROM public.{LEDGER_TABLE} WHERE run_id = {} ORDER BY load_name, object_url LIMIT 5000",
        quote_literal(&run)
    );
    ask(&login, &sql).await
}

/// Where nothing was ever loaded there is no ledger, and nothing to tell.
async fn ask(login: &Login, sql: &str) -> Result<Json<Value>, ApiError> {
    let turn = login.turn("loads").await?;
    match Table::query(turn.connection(), sql).await {
        Err(error) if error.state == SqlState::UndefinedTable => Ok(Json(table_json(&Table::default()))),
        table => Ok(Json(table_json(&table?))),
    }
}
