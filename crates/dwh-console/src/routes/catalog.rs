//! `GET /catalog`, `GET /language`: what the tree shows and the editor completes.

use axum::Json;

use crate::catalog::Catalog;
use crate::error::ApiError;
use crate::language::{LANGUAGE, Language};
use crate::security::LoginOf;

pub(super) async fn catalog(LoginOf(login): LoginOf) -> Result<Json<Catalog>, ApiError> {
    let turn = login.turn("catalog").await?;
    Ok(Json(Catalog::read(turn.connection()).await?))
}

pub(super) async fn language(_: LoginOf) -> Json<&'static Language> {
    Json(&LANGUAGE)
}
