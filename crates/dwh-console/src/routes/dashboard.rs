//! `/dashboard`: the pipeline's dashboard and the rows of its panels.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use dwh_pipeline::{Dashboard, FilterValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pipeline::files;
use super::table_json;
use crate::error::ApiError;
use crate::etl::milliseconds;
use crate::extract::{Body, Segments};
use crate::security::LoginOf;
use crate::state::{AppState, PipelineFiles};
use crate::warehouse::Table;

/// Rows that a panel draws.
const MAX_ROWS: usize = 5000;
/// Panels that are asked at a time.
const CONNECTIONS: usize = 3;

fn dashboard_of(files: &PipelineFiles) -> Result<&Dashboard, ApiError> {
    files.pipeline.dashboard.as_ref().ok_or_else(|| ApiError::not_found("dashboard in the pipeline"))
}

/// The definition, and what each filter can be set to.
pub(super) async fn dashboard(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
) -> Result<Json<Value>, ApiError> {
    let files = files(&state)?;
    let dashboard = dashboard_of(&files)?;
    let turn = login.turn("dashboard-0").await?;
    let mut ranges = serde_json::Map::new();
    for filter in &dashboard.filters {
        // Before the first load there is no table; the page shows its filters all the same.
        let range = match Table::query(turn.connection(), &filter.range_sql()).await {
            Ok(range) => range.rows,
            Err(error) => {
                tracing::info!(%error, filter = %filter.name, "what the filter can be set to is not known");
                Vec::new()
            }
        };
        ranges.insert(filter.name.clone(), json!(range.into_iter().flatten().flatten().collect::<Vec<_>>()));
    }
    Ok(Json(json!({ "dashboard": dashboard, "ranges": ranges })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PanelRequest {
    #[serde(default)]
    filters: BTreeMap<String, FilterValue>,
}

pub(super) async fn panel(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
    Segments(index): Segments<usize>,
    Body(request): Body<PanelRequest>,
) -> Result<Json<Value>, ApiError> {
    let files = files(&state)?;
    let dashboard = dashboard_of(&files)?;
    let panel = dashboard.panels.get(index).ok_or_else(|| ApiError::not_found("panel"))?;
    let query = files.pipeline.queries.iter().find(|query| query.name == panel.query);
    let query = query.ok_or_else(|| ApiError::not_found("query"))?;
    let sql = dashboard.sql(query, &request.filters, &files.variables)?;
    let turn = login.turn(&format!("dashboard-{}", index % CONNECTIONS)).await?;
    let started = Instant::now();
    let table = Table::first_rows(turn.connection(), &sql, MAX_ROWS).await?;
    let mut answer = table_json(&table);
    answer["sql"] = json!(sql);
    answer["elapsed_ms"] = json!(milliseconds(started.elapsed()));
    Ok(Json(answer))
}
