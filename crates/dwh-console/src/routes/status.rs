//! `GET /status`: what the page needs to begin, signed in or not.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::state::AppState;

pub(super) async fn status(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Json<Value> {
    let Some(login) = state.logins.find(&headers, &state.cookie_name) else {
        return Json(json!({ "signed_in": false, "asks_for_password": state.logins.asks_for_password() }));
    };
    let pipeline = state.pipeline.as_ref().map(|files| &files.pipeline);
    Json(json!({
        "signed_in": true,
        "asks_for_password": state.logins.asks_for_password(),
        "version": env!("CARGO_PKG_VERSION"),
        "warehouse": login.warehouse.about(),
        "read_only": state.read_only,
        "max_rows": state.limits.rows,
        "pipeline": pipeline.map(|pipeline| &pipeline.name),
        "has_dashboard": pipeline.is_some_and(|pipeline| pipeline.dashboard.is_some()),
    }))
}
