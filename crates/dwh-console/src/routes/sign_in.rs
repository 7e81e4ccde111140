//! `POST /login`, `POST /logout`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::http::header::{ORIGIN, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use dwh_common::Secret;
use serde::Deserialize;
use serde_json::json;

use crate::error::ApiError;
use crate::extract::Body;
use crate::state::AppState;

/// A token, or user and password.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Credentials {
    Token { token: String },
    Password { user: String, password: String },
}

pub(super) async fn sign_in(
    State(state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(credentials): Body<Credentials>,
) -> Result<Response, ApiError> {
    let peer = peer.ip().to_canonical();
    let cookie = match credentials {
        Credentials::Token { token } => state.logins.by_token(peer, &Secret::new(token)).await?,
        Credentials::Password { user, password } => {
            state.logins.by_password(peer, &user, &Secret::new(password)).await?
        }
    };
    let secure = if state.is_tls || is_encrypted(&headers) { "; Secure" } else { "" };
    let cookie = format!("{}={}; {ATTRIBUTES}{secure}", state.cookie_name, cookie.expose());
    Ok(([(SET_COOKIE, cookie)], Json(json!({}))).into_response())
}

pub(super) async fn sign_out(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    state.logins.remove(&headers, &state.cookie_name);
    let cookie = format!("{}=; Max-Age=0; {ATTRIBUTES}", state.cookie_name);
    ([(SET_COOKIE, cookie)], Json(json!({}))).into_response()
}

/// Whether the page came through TLS of a proxy before the console, which only the browser tells.
fn is_encrypted(headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

/// No script reads it, and no other site's request carries it.
const ATTRIBUTES: &str = "Path=/; HttpOnly; SameSite=Strict";
