//! ListSessions: the sessions that are kept between statements.

use serde::{Deserialize, Serialize};

use super::paging::Paging;
use super::seconds;
use super::whose::{Filter, Whose, fits};
use crate::DataApi;
use crate::error::ApiError;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListSessions {
    #[serde(flatten)]
    paging: Paging,
    #[serde(flatten)]
    filter: Filter,
    session_id: Option<String>,
    status: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sessions {
    sessions: Vec<SessionData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SessionData {
    session_id: String,
    status: &'static str,
    created_at: f64,
    updated_at: f64,
    #[serde(flatten)]
    whose: Whose,
    session_alive_seconds: u64,
    /// When it ends unless it is used.
    session_ttl: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_statement_id: Option<String>,
}

pub(crate) fn answer(api: &DataApi, request: &ListSessions) -> Result<Sessions, ApiError> {
    let mut found = Vec::new();
    for (id, session) in api.inner.sessions.list() {
        let status = if session.is_busy { "BUSY" } else { "AVAILABLE" };
        let whose = api.inner.whose(&session.target, &session.user);
        let is_meant = fits(&request.session_id, Some(&id))
            && fits(&request.status, Some(status))
            && request.filter.fits(&whose);
        if is_meant {
            found.push(SessionData {
                session_id: id,
                status,
                created_at: seconds(session.created_at),
                updated_at: seconds(session.updated_at),
                whose,
                session_alive_seconds: session.keep_alive_seconds,
                session_ttl: seconds(session.updated_at) + session.keep_alive_seconds as f64,
                current_statement_id: session.statement_id,
            });
        }
    }
    let (sessions, next_token) = request.paging.portion(found, 100)?;
    Ok(Sessions { sessions, next_token })
}
