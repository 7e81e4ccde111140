//! `/pipeline`: its queries, which the editor offers; its checks, and the comparison with expected results.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use dwh_pipeline::{CheckResult, QueryComparison, SqlFile, Variables};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::security::LoginOf;
use crate::state::{AppState, PipelineFiles};

/// Rows of a failed check that are told.
const MAX_OFFENDING: usize = 20;

pub(super) fn files(state: &AppState) -> Result<Arc<PipelineFiles>, ApiError> {
    state.pipeline.clone().ok_or_else(|| ApiError::not_found("pipeline: the console was started without one"))
}

pub(super) async fn pipeline(
    State(state): State<Arc<AppState>>,
    _: LoginOf,
) -> Result<Json<Value>, ApiError> {
    let files = files(&state)?;
    let query = |file: &SqlFile| json!({ "name": file.name, "question": file.description(), "sql": filled(file, &files.variables) });
    Ok(Json(json!({
        "name": files.pipeline.name,
        "description": files.pipeline.description,
        "queries": files.pipeline.queries.iter().map(query).collect::<Vec<_>>(),
        "checks": files.pipeline.checks.len(),
        "loads": files.pipeline.loads.iter().map(|file| &file.name).collect::<Vec<_>>(),
    })))
}

/// The text to edit, with its variables filled in where they have values.
fn filled(file: &SqlFile, variables: &Variables) -> String {
    file.sql(variables).unwrap_or_else(|_| file.text.clone())
}

pub(super) async fn check(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
) -> Result<Json<Value>, ApiError> {
    let files = files(&state)?;
    let connection = login.warehouse.connect_pipeline().await?;
    let results =
        dwh_pipeline::check(&files.pipeline, &files.variables, connection.warehouse.as_ref()).await?;
    let result = |result: &CheckResult| {
        let rows = &result.offending.rows;
        json!({
            "name": result.check,
            "description": result.description,
            "passed": result.passed(),
            "offending_count": rows.len(),
            "columns": result.offending.columns,
            "offending": &rows[..rows.len().min(MAX_OFFENDING)],
        })
    };
    Ok(Json(json!({ "checks": results.iter().map(result).collect::<Vec<_>>() })))
}

pub(super) async fn verify(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
) -> Result<Json<Value>, ApiError> {
    let files = files(&state)?;
    let connection = login.warehouse.connect_pipeline().await?;
    let warehouse = connection.warehouse.as_ref();
    let report = dwh_pipeline::verify(&files.pipeline, &files.variables, warehouse, None).await?;
    let query = |query: &QueryComparison| {
        json!({
            "name": query.query,
            "question": query.description,
            "equal": query.is_equal(),
            "difference_count": query.difference_count,
            "differences": query.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    };
    Ok(Json(json!({
        "expected_set": report.expected_set,
        "queries": report.queries.iter().map(query).collect::<Vec<_>>(),
        "not_compared": report.not_compared,
    })))
}
