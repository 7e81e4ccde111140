//! `/runs`: submit a text, wait for it, read its rows, download them, cancel it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use dwh_common::SqlState;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{ApiError, Problem};
use crate::etl::milliseconds;
use crate::export::{Format, Formulas};
use crate::extract::{Body, Parameters, Segments};
use crate::read_only;
use crate::runs::{Run, RunLimits, StatementRows};
use crate::security::LoginOf;
use crate::state::AppState;
use crate::warehouse::text;

/// The longest text that runs.
const MAX_SQL_BYTES: usize = 1 << 20;
/// Rows of one answer.
const MAX_PAGE_ROWS: usize = 50_000;
/// The longest that a request waits for a run.
const MAX_WAIT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Submission {
    sql: String,
    /// The editor tab, whose transaction and temporary tables the text sees.
    tab: String,
    /// Fewer rows than the console's limit.
    max_rows: Option<usize>,
}

pub(super) async fn start(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
    Body(submission): Body<Submission>,
) -> Result<Response, ApiError> {
    let Submission { sql, tab, max_rows } = submission;
    if sql.len() > MAX_SQL_BYTES {
        let message = format!("the text is longer than {MAX_SQL_BYTES} bytes");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    if state.read_only {
        read_only::check(&sql)?;
    }
    let rows = max_rows.map_or(state.limits.rows, |rows| rows.min(state.limits.rows));
    let tab = login.tab(&of_editor(&tab)).await?;
    let run = login.runs.start(tab, sql, RunLimits { rows, ..state.limits })?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": run.id }))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    /// Milliseconds that the answer may wait for the end.
    wait_ms: Option<u64>,
}

pub(super) async fn status(
    LoginOf(login): LoginOf,
    Segments(id): Segments<String>,
    Parameters(wait): Parameters<Wait>,
) -> Result<Json<Value>, ApiError> {
    let run = login.runs.find(&id).ok_or_else(|| ApiError::not_found("run"))?;
    run.finished(Duration::from_millis(wait.wait_ms.unwrap_or(0)).min(MAX_WAIT)).await;
    Ok(Json(told(&run)))
}

pub(super) async fn cancel(
    LoginOf(login): LoginOf,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let run = login.runs.find(&id).ok_or_else(|| ApiError::not_found("run"))?;
    run.cancel();
    Ok(Json(told(&run)))
}

pub(super) async fn close_tab(LoginOf(login): LoginOf, Segments(tab): Segments<String>) -> Json<Value> {
    login.close(&of_editor(&tab));
    Json(json!({}))
}

/// The console's own connections have names without a colon.
fn of_editor(tab: &str) -> String {
    format!("tab:{tab}")
}

fn told(run: &Run) -> Value {
    let elapsed_ms = milliseconds(run.elapsed());
    let state = run.state();
    let (label, error) = match &state.finished {
        None => ("running", None),
        Some(finished) => match &finished.error {
            None => ("done", None),
            Some(error) if error.state == SqlState::QueryCanceled => ("cancelled", Some(error)),
            Some(error) => ("failed", Some(error)),
        },
    };
    json!({
        "id": run.id,
        "state": label,
        "elapsed_ms": elapsed_ms,
        "results": state.results.iter().map(result).collect::<Vec<_>>(),
        "error": error.map(Problem::of_sql),
    })
}

fn result(result: &StatementRows) -> Value {
    let column = |column: &crate::warehouse::Column| json!({ "name": column.name, "type": column.data_type.map(|data_type| data_type.to_string()) });
    let columns = result.columns.as_deref().map(|columns| columns.iter().map(column).collect::<Vec<_>>());
    let done = result.done.as_ref();
    json!({
        "done": done.is_some(),
        "tag": done.map(|done| &done.tag),
        "columns": columns,
        "row_count": result.row_count,
        "truncated": result.truncated,
        "rows_affected": done.and_then(|done| done.rows_affected),
        "notices": done.map_or(&[][..], |done| &done.notices),
        "elapsed_ms": milliseconds(result.elapsed),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// First row, from 0.
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

/// Rows from `offset` on, an array a column.
#[derive(Serialize)]
struct PageRows<'a> {
    offset: usize,
    columns: Vec<Vec<Option<&'a str>>>,
}

pub(super) async fn rows(
    LoginOf(login): LoginOf,
    Segments((id, index)): Segments<(String, usize)>,
    Parameters(page): Parameters<Page>,
) -> Result<Response, ApiError> {
    let result = find(&login.runs, &id, index)?;
    let limit = page.limit.unwrap_or(MAX_PAGE_ROWS).min(MAX_PAGE_ROWS);
    let columns = result.columns.as_deref().unwrap_or_default().len();
    let mut lists = vec![Vec::new(); columns];
    let mut first = 0;
    for batch in &result.batches {
        let rows = batch.first().map_or(0, arrow::array::Array::len);
        let end = page.offset.saturating_add(limit);
        let wanted = page.offset.clamp(first, first + rows) - first..end.clamp(first, first + rows) - first;
        for (list, column) in lists.iter_mut().zip(batch.iter()) {
            list.extend(wanted.clone().map(|row| text(column, row)));
        }
        first += rows;
    }
    Ok(Json(PageRows { offset: page.offset, columns: lists }).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRequest {
    format: Format,
    #[serde(default)]
    formulas: Formulas,
}

pub(super) async fn file(
    LoginOf(login): LoginOf,
    Segments((id, index)): Segments<(String, usize)>,
    Parameters(request): Parameters<FileRequest>,
) -> Result<Response, ApiError> {
    let result = find(&login.runs, &id, index)?;
    let FileRequest { format, formulas } = request;
    // Packing a hundred thousand rows takes a while.
    let written = tokio::task::spawn_blocking(move || format.write(&result, formulas)).await;
    let bytes =
        written.map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))??;
    let name = format!("attachment; filename=\"result.{}\"", format.extension());
    Ok(([(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// A result that has rows; the arrays are shared, not copied.
fn find(runs: &crate::runs::Runs, id: &str, index: usize) -> Result<StatementRows, ApiError> {
    let run = runs.find(id).ok_or_else(|| ApiError::not_found("run"))?;
    let state = run.state();
    let result = state.results.get(index).filter(|result| result.columns.is_some());
    result.cloned().ok_or_else(|| ApiError::not_found("result with rows"))
}
