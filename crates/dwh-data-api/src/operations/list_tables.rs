//! ListTables: tables and views, those of the system included.

use serde::{Deserialize, Serialize};

use super::catalog;
use super::paging::Paging;
use crate::DataApi;
use crate::error::ApiError;
use crate::identity::Target;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTables {
    #[serde(flatten)]
    target: Target,
    schema_pattern: Option<String>,
    table_pattern: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tables {
    tables: Vec<Table>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
struct Table {
    name: String,
    schema: String,
    r#type: &'static str,
}

const SQL: &str = "SELECT table_schema, table_name, table_type FROM svv_tables \
                   WHERE table_schema LIKE $1 AND table_name LIKE $2 ORDER BY 1, 2";

pub(crate) async fn answer(api: &DataApi, request: ListTables) -> Result<Tables, ApiError> {
    let session = api.session(&request.target)?;
    let patterns = [catalog::pattern(&request.schema_pattern), catalog::pattern(&request.table_pattern)];
    let rows = catalog::rows(&session, SQL, &patterns).await?;
    let tables = rows.into_iter().filter_map(table).collect();
    let (tables, next_token) = request.paging.portion(tables, 1000)?;
    Ok(Tables { tables, next_token })
}

fn table(row: Vec<Option<String>>) -> Option<Table> {
    let [schema, name, kind]: [_; 3] = row.try_into().ok()?;
    let (schema, name, kind): (String, String, String) = (schema?, name?, kind?);
    let is_systems = matches!(schema.as_str(), "pg_catalog" | "information_schema" | "pg_internal");
    let r#type = match (kind.as_str(), is_systems) {
        ("VIEW", false) => "VIEW",
        ("VIEW", true) => "SYSTEM VIEW",
        (_, false) => "TABLE",
        (_, true) => "SYSTEM TABLE",
    };
    Some(Table { name, schema, r#type })
}
