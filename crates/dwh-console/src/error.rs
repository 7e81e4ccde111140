//! Errors as the API tells them: a status and a JSON object.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use dwh_common::{ErrorKind, SqlError};
use dwh_pipeline::PipelineError;
use serde::Serialize;

/// Why a request was not answered. On the wire `{"error": {"message": …, …}}`.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    problem: Problem,
    /// Seconds.
    retry_after: Option<u16>,
}

/// What was wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) message: String,
    /// SQLSTATE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sqlstate: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// 1-based character in the submitted text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<usize>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, problem: Problem::new(message), retry_after: None }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no such {what}"))
    }

    /// 429, and when to try again.
    pub(crate) fn too_many_attempts(wait: Duration) -> Self {
        let seconds = u16::try_from(wait.as_secs()).unwrap_or(u16::MAX).saturating_add(1);
        let message = format!("too many attempts to sign in from this address; wait {seconds} s");
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    pub(crate) fn read_only() -> Self {
        Self::new(StatusCode::FORBIDDEN, "the console is read-only")
    }
}

impl Problem {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), sqlstate: None, detail: None, hint: None, position: None }
    }

    pub(crate) fn of_sql(error: &SqlError) -> Self {
        Self {
            message: error.message.clone(),
            sqlstate: Some(error.state.code()),
            detail: match (&error.detail, &error.context) {
                (Some(detail), Some(context)) => Some(format!("{detail}\n{context}")),
                (detail, context) => detail.clone().or_else(|| context.clone()),
            },
            hint: error.hint.clone(),
            position: error.position,
        }
    }

    /// Positions within a pipeline's file mean nothing to whoever asks; the message has file and line.
    pub(crate) fn of_pipeline(error: &PipelineError) -> Self {
        let message = error.to_string();
        match error.sql_error() {
            Some(source) => Self { message, position: None, ..Self::of_sql(source) },
            None => Self::new(message),
        }
    }
}

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Syntax | ErrorKind::InvalidData | ErrorKind::LoadFailed | ErrorKind::Unsupported => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ErrorKind::UndefinedObject => StatusCode::NOT_FOUND,
        ErrorKind::DuplicateObject | ErrorKind::Conflict | ErrorKind::Cancelled => StatusCode::CONFLICT,
        ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        ErrorKind::Unavailable | ErrorKind::InvalidConfiguration => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        Self { status: status(error.kind()), problem: Problem::of_sql(&error), retry_after: None }
    }
}

impl From<PipelineError> for ApiError {
    fn from(error: PipelineError) -> Self {
        Self { status: status(error.kind()), problem: Problem::of_pipeline(&error), retry_after: None }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            tracing::error!(message = %self.problem.message, "a request of the console failed");
        }
        let retry_after = self.retry_after.map(|seconds| [(RETRY_AFTER, seconds.to_string())]);
        (self.status, retry_after, Json(serde_json::json!({ "error": self.problem }))).into_response()
    }
}
