//! The page and its files.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::assets::Asset;
use crate::error::ApiError;
use crate::extract::Segments;
use crate::security::page_policy;
use crate::state::AppState;

/// Stands in the page for the nonce of its styles.
const NONCE: &str = "{{nonce}}";

pub(super) async fn index(State(state): State<Arc<AppState>>) -> Result<Response, ApiError> {
    let page = state.assets.get("index.html").ok_or_else(|| ApiError::not_found("page"))?;
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let text = String::from_utf8_lossy(page.plain).replace(NONCE, &nonce);
    let headers =
        [(CONTENT_TYPE, page.media_type.to_owned()), (CONTENT_SECURITY_POLICY, page_policy(&nonce))];
    Ok((headers, text).into_response())
}

pub(super) async fn asset(
    State(state): State<Arc<AppState>>,
    Segments(name): Segments<String>,
    request: HeaderMap,
) -> Result<Response, ApiError> {
    let asset = state.assets.get(&name).filter(|_| name != "index.html");
    let asset = asset.ok_or_else(|| ApiError::not_found("file"))?;
    if request.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == asset.etag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = Response::builder()
        .header(CONTENT_TYPE, asset.media_type)
        .header(ETAG, &asset.etag)
        .header(VARY, "accept-encoding")
        .header(CACHE_CONTROL, "no-cache");
    if takes_gzip(&request, asset) {
        response = response.header(CONTENT_ENCODING, "gzip");
        return finish(response, asset.gzip.clone());
    }
    finish(response, Bytes::from_static(asset.plain))
}

fn finish(response: axum::http::response::Builder, bytes: Bytes) -> Result<Response, ApiError> {
    let fault =
        |error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("no answer could be made: {error}"));
    response.body(Body::from(bytes)).map_err(fault)
}

fn takes_gzip(request: &HeaderMap, asset: &Asset) -> bool {
    let accepted = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !asset.gzip.is_empty()
        && accepted.split(',').any(|coding| coding.split(';').next().map(str::trim) == Some("gzip"))
}
