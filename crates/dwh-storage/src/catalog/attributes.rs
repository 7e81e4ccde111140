//! Attributes that only Redshift knows, to and from the columns of the `dwh_` tables. Lists are JSON
//! arrays, so that SQL can read them (`json_each`).

use rusqlite::Row;
use rusqlite::types::Type;
use serde_json::{Value, json};

use crate::definition::{
    Constraint, ConstraintKind, Distribution, ForeignKey, Identity, SortKey, TableAttributes, constraint_name,
};

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

/// The columns `primary_key`, `unique_keys` and `foreign_keys`: arrays of constraints, which earlier versions wrote
/// without their names.
pub(super) fn constraint_columns(constraints: &[Constraint]) -> [String; 3] {
    let mut kinds: [Vec<Value>; 3] = Default::default();
    for constraint in constraints {
        let name = &constraint.name;
        match &constraint.kind {
            ConstraintKind::PrimaryKey(columns) => kinds[0].push(json!({"name": name, "columns": columns})),
            ConstraintKind::Unique(columns) => kinds[1].push(json!({"name": name, "columns": columns})),
            ConstraintKind::ForeignKey(key) => kinds[2].push(json!({
                "name": name,
                "columns": key.columns,
                "referenced_schema": key.referenced_schema,
                "referenced_table": key.referenced_table,
                "referenced_columns": key.referenced_columns,
            })),
        }
    }
    kinds.map(|constraints| json!(constraints).to_string())
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
        constraints: constraints(row)?,
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

fn constraints(row: &Row<'_>) -> rusqlite::Result<Vec<Constraint>> {
    let table: String = row.get("table_name")?;
    let array = |column: &str| json_column(row, column, |text| serde_json::from_str::<Vec<Value>>(text));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| -> Vec<String> { value.as_array().into_iter().flatten().map(text).collect() };
    let mut kinds: Vec<(Value, ConstraintKind)> = Vec::new();
    // Earlier versions wrote the columns of a key alone: those of the primary key as one array, empty without one.
    let columns = |key: &Value| list(if key.is_object() { &key["columns"] } else { key });
    let primary = array("primary_key")?;
    let primary = if primary.iter().any(Value::is_string) { vec![Value::Array(primary)] } else { primary };
    kinds.extend(
        primary.into_iter().map(|key| (key["name"].clone(), ConstraintKind::PrimaryKey(columns(&key)))),
    );
    let unique = array("unique_keys")?;
    kinds.extend(unique.into_iter().map(|key| (key["name"].clone(), ConstraintKind::Unique(columns(&key)))));
    for key in array("foreign_keys")? {
        let foreign = ForeignKey {
            columns: list(&key["columns"]),
            referenced_schema: text(&key["referenced_schema"]),
            referenced_table: text(&key["referenced_table"]),
            referenced_columns: list(&key["referenced_columns"]),
        };
        kinds.push((key["name"].clone(), ConstraintKind::ForeignKey(foreign)));
    }
    let mut constraints: Vec<Constraint> = Vec::new();
    for (name, kind) in kinds {
        let is_taken = |name: &str| constraints.iter().any(|constraint| constraint.name == name);
        let name = name.as_str().map_or_else(|| constraint_name(&table, &kind, is_taken), str::to_owned);
        constraints.push(Constraint { name, kind });
    }
    Ok(constraints)
}

pub(super) fn json_column<T>(
    row: &Row<'_>,
    column: &str,
    parse: impl FnOnce(&str) -> serde_json::Result<T>,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
