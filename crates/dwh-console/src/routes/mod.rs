//! The routes: one file a page or thing.

mod catalog;
mod dashboard;
mod diagrams;
mod etl;
mod loads;
mod page;
mod pipeline;
mod runs;
mod sign_in;
mod status;

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::security::{add_headers, check_origin};
use crate::state::{AppState, Options};
use crate::warehouse::Table;

/// The description of the API.
const OPENAPI: &str = include_str!("../openapi.json");

/// The console: a page at `/` and its API below `/api/v1`. Its checks and headers are on its own routes, so
/// that it can be merged with others. Called within a Tokio runtime, as it watches for idle connections; served with
/// the peers' addresses (`into_make_service_with_connect_info`), by which sign-ins are counted.
pub fn router(options: Options) -> Router {
    let state = Arc::new(AppState::new(options));
    tokio::spawn(close_idle(Arc::downgrade(&state)));
    let api = Router::new()
        .route("/openapi.json", get(openapi))
        .route("/status", get(status::status))
        .route("/login", post(sign_in::sign_in))
        .route("/logout", post(sign_in::sign_out))
        .route("/catalog", get(catalog::catalog))
        .route("/language", get(catalog::language))
        .route("/runs", post(runs::start))
        .route("/runs/{run}", get(runs::status).delete(runs::cancel))
        .route("/runs/{run}/results/{result}/rows", get(runs::rows))
        .route("/runs/{run}/results/{result}/file", get(runs::file))
        .route("/tabs/{tab}", delete(runs::close_tab))
        .route("/pipeline", get(pipeline::pipeline))
        .route("/pipeline/checks", post(pipeline::check))
        .route("/pipeline/verification", post(pipeline::verify))
        .route("/dashboard", get(dashboard::dashboard))
        .route("/dashboard/panels/{panel}", post(dashboard::panel))
        .route("/loads", get(loads::history))
        .route("/loads/errors", get(loads::errors))
        .route("/loads/runs", get(loads::runs))
        .route("/loads/runs/{run}/objects", get(loads::objects))
        .route("/etl", get(etl::status).post(etl::start).delete(etl::cancel))
        .route("/diagrams/{name}", get(diagrams::diagram))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method);
    Router::new()
        .route("/", get(page::index))
        .route("/assets/{name}", get(page::asset))
        .nest("/api/v1", api)
        .layer(from_fn_with_state(state.hosts.clone(), check_origin))
        .layer(from_fn(add_headers))
        .with_state(state)
}

/// As long as the console is there.
async fn close_idle(state: Weak<AppState>) {
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        match state.upgrade() {
            Some(state) => state.logins.close_idle(),
            None => return,
        }
    }
}

async fn no_such_path() -> ApiError {
    ApiError::not_found("path of the API")
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
}

async fn openapi() -> ([(axum::http::HeaderName, &'static str); 1], &'static str) {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], OPENAPI)
}

/// A small result as one JSON object: `{"columns": [{"name", "type"}], "rows": [[text or null]]}`.
fn table_json(table: &Table) -> Value {
    let column = |column: &crate::warehouse::Column| json!({ "name": column.name, "type": column.data_type.map(|data_type| data_type.to_string()) });
    json!({ "columns": table.columns.iter().map(column).collect::<Vec<_>>(), "rows": table.rows })
}
