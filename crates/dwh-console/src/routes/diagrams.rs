//! `/diagrams`: the data model from the live catalog, and what runs where.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::catalog::Catalog;
use crate::diagram::{DataModel, Theme};
use crate::error::ApiError;
use crate::extract::{Parameters, Segments};
use crate::security::LoginOf;
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    #[serde(default)]
    theme: Theme,
}

pub(super) async fn diagram(
    State(state): State<Arc<AppState>>,
    LoginOf(login): LoginOf,
    Segments(name): Segments<String>,
    Parameters(look): Parameters<Look>,
) -> Result<Response, ApiError> {
    let (name, format) = name.rsplit_once('.').unwrap_or((&name, ""));
    let text = match (name, format) {
        ("architecture", "svg") => state.architecture.svg(look.theme),
        ("architecture", "mmd") => state.architecture.mermaid(),
        ("model", "svg" | "mmd" | "dbml") => {
            let turn = login.turn("catalog").await?;
            let catalog = Catalog::read(turn.connection()).await?;
            let model = DataModel::of_catalog(&catalog);
            match format {
                "svg" => model.svg(look.theme),
                "mmd" => model.mermaid(),
                _ => model.dbml(),
            }
        }
        _ => return Err(ApiError::not_found("diagram")),
    };
    let media_type = if format == "svg" { "image/svg+xml" } else { "text/plain; charset=utf-8" };
    Ok(([(CONTENT_TYPE, media_type)], text).into_response())
}
