//! GetStatementResult and GetStatementResultV2: the rows, a page at a time.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::{read_token, token};
use super::wait_seconds;
use crate::DataApi;
use crate::error::ApiError;
use crate::fields::ColumnMetadata;
use crate::pages::Pages;
use crate::statements::{ResultFormat, Status};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetStatementResult {
    id: String,
    next_token: Option<String>,
    wait_time_seconds: Option<u64>,
}

/// Records as fields.
pub(crate) async fn json(api: &DataApi, request: GetStatementResult) -> Result<String, ApiError> {
    let (pages, format) = find(api, &request).await?;
    if format != ResultFormat::Json {
        return Err(ApiError::validation("the result is CSV: fetch it with GetStatementResultV2"));
    }
    let (records, rest) = page(pages, request.next_token.as_deref()).await?;
    // The page is JSON already; only what is around it is made now.
    let rest = rest.to_string();
    Ok(format!("{{\"Records\":[{records}],{}", &rest[1..]))
}

/// Records as text, in the format that the statement was submitted with.
pub(crate) async fn formatted(api: &DataApi, request: GetStatementResult) -> Result<String, ApiError> {
    let (pages, format) = find(api, &request).await?;
    if format != ResultFormat::Csv {
        return Err(ApiError::validation("the result is JSON: fetch it with GetStatementResult"));
    }
    let (records, mut rest) = page(pages, request.next_token.as_deref()).await?;
    rest["Records"] = json!([{ "CSVRecords": records }]);
    rest["ResultFormat"] = json!(format);
    Ok(rest.to_string())
}

/// A page of records, and what stands beside it.
async fn page(pages: Arc<Pages>, next_token: Option<&str>) -> Result<(String, Value), ApiError> {
    let number = read_token(next_token)?.unwrap_or(0);
    let found = Arc::clone(&pages).page(usize::try_from(number).unwrap_or(usize::MAX)).await?;
    let (records, more) = found.ok_or_else(|| ApiError::validation("the NextToken is not valid"))?;
    let columns: Vec<ColumnMetadata> =
        pages.schema.fields().iter().map(|field| ColumnMetadata::of_field(field)).collect();
    let mut rest = json!({ "ColumnMetadata": columns, "TotalNumRows": pages.row_count() });
    if more {
        rest["NextToken"] = token(number + 1).into();
    }
    Ok((records, rest))
}

/// The result of a statement, or of one text of a batch.
async fn find(api: &DataApi, request: &GetStatementResult) -> Result<(Arc<Pages>, ResultFormat), ApiError> {
    let wait = wait_seconds(request.wait_time_seconds)?;
    let id = request.id.as_str();
    let (statement, part) = api.inner.statements.get(id)?;
    if wait > 0 {
        statement.ended_within(wait).await;
    }
    let progress = statement.progress();
    match progress.status {
        Status::Finished => {}
        Status::Failed | Status::Aborted => {
            let message = format!("Query {id} has no result: it failed or was cancelled.");
            return Err(ApiError::not_found(message, id));
        }
        _ => return Err(ApiError::not_found(format!("Query {id} has not finished yet."), id)),
    }
    if part.is_none() && statement.asked.is_batch {
        return Err(ApiError::validation(format!(
            "Query {id} is a batch: fetch the result of one of its statements, such as {id}:1."
        )));
    }
    let result = progress.parts[part.unwrap_or(1) - 1].result.clone();
    let result =
        result.ok_or_else(|| ApiError::not_found(format!("Query {id} does not have result."), id))?;
    Ok((result, statement.asked.result_format))
}
