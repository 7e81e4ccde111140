//! DescribeTable: the columns of a table, or of all tables that schema and table name.

use dwh_common::RedshiftType;
use serde::{Deserialize, Serialize};

use super::catalog;
use super::paging::Paging;
use crate::DataApi;
use crate::error::ApiError;
use crate::fields::{ColumnMetadata, is_signed, type_name};
use crate::identity::Target;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeTable {
    #[serde(flatten)]
    target: Target,
    schema: Option<String>,
    table: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableDescription {
    table_name: String,
    column_list: Vec<ColumnMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

const SQL: &str = "SELECT table_schema, table_name, column_name, data_type, character_maximum_length, \
                   numeric_precision, numeric_scale, is_nullable, column_default FROM svv_columns \
                   WHERE ($1 = '' OR table_schema = $1) AND ($2 = '' OR table_name = $2) \
                   ORDER BY 1, 2, ordinal_position";

pub(crate) async fn answer(api: &DataApi, request: DescribeTable) -> Result<TableDescription, ApiError> {
    let session = api.session(&request.target)?;
    let names = [request.schema.as_deref().unwrap_or_default(), request.table.as_deref().unwrap_or_default()];
    let rows = catalog::rows(&session, SQL, &names).await?;
    let columns = rows.into_iter().filter_map(column).collect();
    let (column_list, next_token) = request.paging.portion(columns, 1000)?;
    Ok(TableDescription { table_name: request.table.unwrap_or_default(), column_list, next_token })
}

fn column(row: Vec<Option<String>>) -> Option<ColumnMetadata> {
    let [schema, table, name, data_type, length, precision, scale, nullable, column_default]: [_; 9] =
        row.try_into().ok()?;
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
    let (length, digits): (i64, i64) = (number(length), number(precision));
    let data_type = data_type?;
    // Intervals have their short name there already.
    let known: Option<RedshiftType> = data_type.parse().ok();
    Some(ColumnMetadata {
        label: name.clone()?,
        name: name?,
        length,
        precision: if digits == 0 { length } else { digits },
        scale: number(scale),
        nullable: i64::from(nullable.as_deref() == Some("YES")),
        is_case_sensitive: known.is_some_and(RedshiftType::is_text),
        is_signed: known.is_some_and(is_signed),
        type_name: known.map_or(data_type, |known| type_name(known).to_owned()),
        schema_name: schema?,
        table_name: table?,
        column_default,
        ..ColumnMetadata::default()
    })
}
