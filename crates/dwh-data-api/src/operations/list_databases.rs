//! ListDatabases.

use serde::{Deserialize, Serialize};

use super::catalog;
use super::paging::Paging;
use crate::DataApi;
use crate::error::ApiError;
use crate::identity::Target;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDatabases {
    #[serde(flatten)]
    target: Target,
    #[serde(flatten)]
    paging: Paging,
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
    let names = catalog::names(&session, sql, &[]).await?;
    let (databases, next_token) = request.paging.portion(names, 1000)?;
    Ok(Databases { databases, next_token })
}
