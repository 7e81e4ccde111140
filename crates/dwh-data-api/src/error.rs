//! The errors of the API, named as in its model, and their HTTP statuses.

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use dwh_common::SqlError;
use serde_json::json;

/// An error of the API.
#[derive(Debug)]
pub(crate) struct ApiError {
    name: &'static str,
    status: StatusCode,
    message: String,
    /// A statement or session that is not there.
    resource: Option<String>,
}

impl ApiError {
    /// The request is not one that can be answered.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", StatusCode::BAD_REQUEST, message)
    }

    /// There is no such statement, result or session.
    pub(crate) fn not_found(message: impl Into<String>, resource: &str) -> Self {
        let error = Self::new("ResourceNotFoundException", StatusCode::BAD_REQUEST, message);
        Self { resource: Some(resource.to_owned()), ..error }
    }

    pub(crate) fn too_many_statements(limit: usize) -> Self {
        let message = format!("there are {limit} active statements; wait until some have ended");
        Self::new("ActiveStatementsExceededException", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn too_many_sessions(limit: usize) -> Self {
        let message = format!("there are {limit} open sessions; wait until some have ended");
        Self::new("ActiveSessionsExceededException", StatusCode::BAD_REQUEST, message)
    }

    /// No session for the operations that answer at once.
    pub(crate) fn connection(error: &SqlError) -> Self {
        Self::new("DatabaseConnectionException", StatusCode::INTERNAL_SERVER_ERROR, format!("FATAL: {error}"))
    }

    /// What is wrong with a query of the catalog.
    pub(crate) fn query(error: &SqlError) -> Self {
        Self::validation(format!("ERROR: {error}"))
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        let message = message.into();
        tracing::error!("the Data API failed: {message}");
        Self::new("InternalServerException", StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// An operation that the API has not.
    pub(crate) fn unknown_operation(name: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            StatusCode::BAD_REQUEST,
            format!("there is no operation {name:?}"),
        )
    }

    /// Who asks is not who may.
    pub(crate) fn access(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, StatusCode::FORBIDDEN, message)
    }

    fn new(name: &'static str, status: StatusCode, message: impl Into<String>) -> Self {
        Self { name, status, message: message.into(), resource: None }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "__type": self.name, "Message": self.message, "message": self.message });
        if let Some(resource) = self.resource {
            body["ResourceId"] = resource.into();
        }
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(self.name));
        response
    }
}
