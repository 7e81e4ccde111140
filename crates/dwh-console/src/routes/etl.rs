//! `/etl`: start a run of the pipeline, watch it, end it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dwh_pipeline::RunOptions;
use serde::Deserialize;
use serde_json::{Value, json};

use super::pipeline::files;
use crate::error::ApiError;
use crate::extract::Body;
use crate::security::LoginOf;
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    #[serde(default)]
    full_refresh: bool,
}

/// `{"run": null}` before the first.
pub(super) async fn status(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "run": state.etl.status(&login)? })))
}

pub(super) async fn start(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
    Body(start): Body<Start>,
) -> Result<Response, ApiError> {
    let files = files(&state)?;
    if state.read_only {
        return Err(ApiError::read_only());
    }
    dwh_pipeline::check_files(&files.pipeline, &files.variables)?;
    let connection = login.warehouse.connect_pipeline().await?;
    let options = RunOptions { full_refresh: start.full_refresh };
    if !state.etl.start(files, connection, &login, options) {
        return Err(ApiError::new(StatusCode::CONFLICT, "a run is under way; wait for it, or cancel it"));
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "run": state.etl.status(&login)? }))).into_response())
}

pub(super) async fn cancel(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
) -> Result<Json<Value>, ApiError> {
    state.etl.cancel(&login)?;
    Ok(Json(json!({ "run": state.etl.status(&login)? })))
}
