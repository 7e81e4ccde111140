//! ListDatabases.

use serde::{Deserialize, Serialize};

use super::{catalog, paging};
use crate::DataApi;
use crate::error::ApiError;
use crate::identity::Target;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDatabases {
    #[serde(flatten)]
    target: Target,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Databases {
    databases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(crate) async fn answer(api: &DataApi, request: ListDatabases) -> Result<Databases, ApiError> {
    let session = api.session(&request.target)?;
    let sql = "SELECT database_name FROM svv_redshift_databases ORDER BY 1";
    let names = catalog::rows(&session, sql, &[]).await?.into_iter().flatten().flatten().collect();
    let (databases, next_token) =
        paging::portion(names, request.max_results, 1000, request.next_token.as_deref())?;
    Ok(Databases { databases, next_token })
}
