//! ListSchemas.

use serde::{Deserialize, Serialize};

use super::{catalog, paging};
use crate::DataApi;
use crate::error::ApiError;
use crate::identity::Target;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchemas {
    #[serde(flatten)]
    target: Target,
    schema_pattern: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
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
    let rows = catalog::rows(&session, sql, &[catalog::pattern(&request.schema_pattern)]).await?;
    let names = rows.into_iter().flatten().flatten().collect();
    let (schemas, next_token) =
        paging::portion(names, request.max_results, 1000, request.next_token.as_deref())?;
    Ok(Schemas { schemas, next_token })
}
