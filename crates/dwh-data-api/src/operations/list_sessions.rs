//! ListSessions: the sessions that are kept between statements.

use serde::{Deserialize, Serialize};

use super::paging::portion;
use super::seconds;
use crate::DataApi;
use crate::error::ApiError;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListSessions {
    next_token: Option<String>,
    max_results: Option<i64>,
    session_id: Option<String>,
    status: Option<String>,
    cluster_identifier: Option<String>,
    workgroup_name: Option<String>,
    database: Option<String>,
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
    database: String,
    db_user: String,
    session_alive_seconds: u64,
    /// When it ends unless it is used.
    session_ttl: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workgroup_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_statement_id: Option<String>,
}

pub(crate) fn answer(api: &DataApi, request: &ListSessions) -> Result<Sessions, ApiError> {
    let is = |wanted: &Option<String>, value: Option<&str>| wanted.is_none() || wanted.as_deref() == value;
    let mut found = Vec::new();
    for (id, session) in api.inner.sessions.list() {
        let status = if session.is_busy { "BUSY" } else { "AVAILABLE" };
        let database = session.target.database.clone();
        let database = database.unwrap_or_else(|| api.inner.engine.database().to_owned());
        let is_meant = is(&request.session_id, Some(&id))
            && is(&request.status, Some(status))
            && is(&request.database, Some(&database))
            && is(&request.cluster_identifier, session.target.cluster_identifier.as_deref())
            && is(&request.workgroup_name, session.target.workgroup_name.as_deref());
        if is_meant {
            found.push(SessionData {
                session_id: id,
                status,
                created_at: seconds(session.created_at),
                updated_at: seconds(session.updated_at),
                database,
                db_user: session.user,
                session_alive_seconds: session.keep_alive_seconds,
                session_ttl: seconds(session.updated_at) + session.keep_alive_seconds as f64,
                cluster_identifier: session.target.cluster_identifier,
                workgroup_name: session.target.workgroup_name,
                current_statement_id: session.statement_id,
            });
        }
    }
    let (sessions, next_token) = portion(found, request.max_results, 100, request.next_token.as_deref())?;
    Ok(Sessions { sessions, next_token })
}
