//! SHOW CONSTRAINTS: primary and foreign keys.

use std::sync::Arc;

use dwh_common::RedshiftType::Integer;
use dwh_common::SqlError;
use dwh_sql::statement::TableName;
use dwh_storage::Table;

use super::{Columns, Listing, NAME};
use crate::context::StatementContext;
use crate::system_tables::rows::Value;

pub(super) fn primary_keys(context: &StatementContext<'_>, name: &TableName) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("pk_name", NAME),
        ("column_name", NAME),
        ("key_seq", Integer),
    ];
    let table = context.names().table(name)?;
    let definition = &table.definition;
    let Some(key) = definition.attributes.primary_key() else { return Ok((COLUMNS, Vec::new())) };
    let row = |(index, column): (usize, &String)| {
        vec![
            context.engine.database().into(),
            definition.schema.as_str().into(),
            definition.name.as_str().into(),
            key.name.as_str().into(),
            column.as_str().into(),
            (index as i64 + 1).into(),
        ]
    };
    Ok((COLUMNS, key.columns().iter().enumerate().map(row).collect()))
}

pub(super) fn foreign_keys(
    context: &StatementContext<'_>,
    name: &TableName,
    exported: bool,
) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("pk_database_name", NAME),
        ("pk_schema_name", NAME),
        ("pk_table_name", NAME),
        ("pk_column_name", NAME),
        ("fk_database_name", NAME),
        ("fk_schema_name", NAME),
        ("fk_table_name", NAME),
        ("fk_column_name", NAME),
        ("key_seq", Integer),
        ("fk_name", NAME),
        ("pk_name", NAME),
        ("update_rule", Integer),
        ("delete_rule", Integer),
        ("deferrability", Integer),
    ];
    let table = context.names().table(name)?;
    let tables: Vec<Arc<Table>> =
        if exported { context.transaction.tables() } else { vec![Arc::clone(&table)] };
    let mut rows = Vec::new();
    for of in tables {
        let definition = &of.definition;
        for (name, key) in definition.attributes.foreign_keys() {
            let points_here = key.referenced_schema == table.definition.schema
                && key.referenced_table == table.definition.name;
            if exported && !points_here {
                continue;
            }
            let referenced = context.transaction.table(&key.referenced_schema, &key.referenced_table);
            let referenced_key =
                referenced.as_ref().and_then(|table| table.definition.attributes.primary_key());
            let columns = match (referenced_key, key.referenced_columns.is_empty()) {
                (Some(primary), true) => primary.columns(),
                _ => &key.referenced_columns,
            };
            for (index, column) in key.columns.iter().enumerate() {
                let database = || Value::from(context.engine.database());
                rows.push(vec![
                    database(),
                    key.referenced_schema.as_str().into(),
                    key.referenced_table.as_str().into(),
                    columns.get(index).cloned().into(),
                    database(),
                    definition.schema.as_str().into(),
                    definition.name.as_str().into(),
                    column.as_str().into(),
                    (index as i64 + 1).into(),
                    name.into(),
                    referenced_key.map(|primary| primary.name.clone()).into(),
                    // Keys are not enforced, and there are no rules for them.
                    Value::Null,
                    Value::Null,
                    Value::Null,
                ]);
            }
        }
    }
    Ok((COLUMNS, rows))
}
