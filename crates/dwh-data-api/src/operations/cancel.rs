//! CancelStatement.

use serde::{Deserialize, Serialize};

use crate::DataApi;
use crate::error::ApiError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelStatement {
    id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Cancelled {
    status: bool,
}

pub(crate) fn answer(api: &DataApi, request: &CancelStatement) -> Result<Cancelled, ApiError> {
    let id = request.id.as_str();
    let (statement, _) = api.inner.statements.get(id)?;
    let status = statement.progress().status;
    if status.has_ended() {
        let name = format!("{status:?}").to_uppercase();
        let message = format!("Could not cancel a query that is already in {name} state with ID: {id}");
        return Err(ApiError::validation(message));
    }
    statement.cancel();
    Ok(Cancelled { status: true })
}
