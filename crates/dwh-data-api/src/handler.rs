//! From an HTTP request to an operation and back: `application/x-amz-json-1.1`, the operation in a header.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::ApiError;
use crate::{DataApi, operations, signature};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
/// Prefix of the operation in `X-Amz-Target`.
const TARGET: &str = "RedshiftData.";

/// Answers one request.
pub(crate) async fn answer(
    State(api): State<DataApi>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let mut response = match dispatch(&api, &headers, &uri, &body).await {
        Ok(json) => json.into_response(),
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

async fn dispatch(api: &DataApi, headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<String, ApiError> {
    signature::check(api.inner.options.access_key.as_ref(), headers, uri, body)?;
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix(TARGET).ok_or_else(|| ApiError::unknown_operation(target))?;
    match operation {
        "ExecuteStatement" => done(operations::execute::execute(api, read(body)?).await),
        "BatchExecuteStatement" => done(operations::execute::batch(api, read(body)?).await),
        "DescribeStatement" => done(operations::describe_statement::answer(api, read(body)?).await),
        "GetStatementResult" => operations::result::json(api, read(body)?).await,
        "GetStatementResultV2" => operations::result::formatted(api, read(body)?).await,
        "ListStatements" => done(operations::list_statements::answer(api, &read(body)?)),
        "CancelStatement" => done(operations::cancel::answer(api, &read(body)?)),
        "ListSessions" => done(operations::list_sessions::answer(api, &read(body)?)),
        "ListDatabases" => done(operations::list_databases::answer(api, read(body)?).await),
        "ListSchemas" => done(operations::list_schemas::answer(api, read(body)?).await),
        "ListTables" => done(operations::list_tables::answer(api, read(body)?).await),
        "DescribeTable" => done(operations::describe_table::answer(api, read(body)?).await),
        other => Err(ApiError::unknown_operation(other)),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::validation(format!("the request cannot be read: {error}")))
}

fn done<T: Serialize>(answer: Result<T, ApiError>) -> Result<String, ApiError> {
    serde_json::to_string(&answer?).map_err(|error| ApiError::internal(error.to_string()))
}
