//! Attributes that only Redshift knows, to and from the columns of the `dwh_` tables. Lists are JSON
//! arrays, so that SQL can read them (`json_each`).

use rusqlite::Row;
use rusqlite::types::Type;
use serde_json::{Value, json};

use crate::definition::{Distribution, ForeignKey, Identity, SortKey, TableAttributes};

pub(super) fn dist_style(distribution: &Distribution) -> (&'static str, Option<&str>) {
    match distribution {
        Distribution::Auto => ("auto", None),
        Distribution::Even => ("even", None),
        Distribution::All => ("all", None),
        Distribution::Key(column) => ("key", Some(column)),
    }
}

pub(super) fn sort_style(sort_key: &SortKey) -> (&'static str, String) {
    match sort_key {
        SortKey::Auto => ("auto", "[]".to_owned()),
        SortKey::Compound(columns) => ("compound", json!(columns).to_string()),
        SortKey::Interleaved(columns) => ("interleaved", json!(columns).to_string()),
    }
}

pub(super) fn foreign_keys_json(keys: &[ForeignKey]) -> String {
    let all: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "columns": key.columns,
                "referenced_schema": key.referenced_schema,
                "referenced_table": key.referenced_table,
                "referenced_columns": key.referenced_columns,
            })
        })
        .collect();
    json!(all).to_string()
}

/// Attributes from a row of `dwh_table`.
pub(super) fn table_attributes(row: &Row<'_>) -> rusqlite::Result<TableAttributes> {
    let dist_key: Option<String> = row.get("dist_key")?;
    let distribution = match (row.get::<_, String>("dist_style")?.as_str(), dist_key) {
        ("even", _) => Distribution::Even,
        ("all", _) => Distribution::All,
        ("key", Some(column)) => Distribution::Key(column),
        _ => Distribution::Auto,
    };
    let columns = names(row, "sort_key")?;
    let sort_key = match row.get::<_, String>("sort_style")?.as_str() {
        "compound" => SortKey::Compound(columns),
        "interleaved" => SortKey::Interleaved(columns),
        _ => SortKey::Auto,
    };
    Ok(TableAttributes {
        distribution,
        sort_key,
        primary_key: names(row, "primary_key")?,
        unique: json_column(row, "unique_keys", |text| serde_json::from_str(text))?,
        foreign_keys: foreign_keys(row)?,
        backup_no: row.get("backup_no")?,
    })
}

/// IDENTITY from a row of `dwh_column`.
pub(super) fn identity(row: &Row<'_>) -> rusqlite::Result<Option<Identity>> {
    let seed: Option<i64> = row.get("identity_seed")?;
    let step: Option<i64> = row.get("identity_step")?;
    let by_default = row.get::<_, Option<bool>>("identity_by_default")?.unwrap_or_default();
    Ok(seed.zip(step).map(|(seed, step)| Identity { seed, step, by_default }))
}

/// A JSON array of names.
pub(super) fn names(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<String>> {
    json_column(row, column, |text| serde_json::from_str(text))
}

/// A JSON array of pairs of names.
pub(super) fn pairs(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<(String, String)>> {
    json_column(row, column, |text| serde_json::from_str(text))
}

fn foreign_keys(row: &Row<'_>) -> rusqlite::Result<Vec<ForeignKey>> {
    let all: Vec<Value> = json_column(row, "foreign_keys", |text| serde_json::from_str(text))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().map(|all| all.iter().map(text).collect()).unwrap_or_default();
    let key = |key: &Value| ForeignKey {
        columns: list(&key["columns"]),
        referenced_schema: text(&key["referenced_schema"]),
        referenced_table: text(&key["referenced_table"]),
        referenced_columns: list(&key["referenced_columns"]),
    };
    Ok(all.iter().map(key).collect())
}

pub(super) fn json_column<T>(
    row: &Row<'_>,
    column: &str,
    parse: impl FnOnce(&str) -> serde_json::Result<T>,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
