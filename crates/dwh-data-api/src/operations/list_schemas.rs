//! ListSchemas.

use serde::{Deserialize, Serialize};

use super::catalog;
use super::paging::Paging;
use crate::DataApi;
use crate::error::ApiError;
use crate::identity::Target;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchemas {
    #[serde(flatten)]
    target: Target,
    schema_pattern: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Schemas {
    schemas: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(crate) async fn answer(api: &DataApi, request: ListSchemas) -> Result<Schemas, ApiError> {
    let session = api.session(&request.target)?;
    let sql = "SELECT nspname FROM pg_namespace WHERE nspname LIKE $1 ORDER BY 1";
    let names = catalog::names(&session, sql, &[catalog::pattern(&request.schema_pattern)]).await?;
    let (schemas, next_token) = request.paging.portion(names, 1000)?;
    Ok(Schemas { schemas, next_token })
}
