//! SHOW COLUMNS.

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_sql::statement::TableName;
use dwh_storage::{Distribution, SortKey};

use super::{Columns, Listing, NAME, TEXT};
use crate::context::StatementContext;
use crate::names::Relation;
use crate::system_tables::describe;
use crate::system_tables::relations::{
    ListedColumn, encoding_text, listed, schema_of, sort_columns, sort_position,
};
use crate::system_tables::rows::Value;

pub(super) fn columns(context: &StatementContext<'_>, name: &TableName) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", Integer),
        ("column_default", TEXT),
        ("is_nullable", NAME),
        ("data_type", NAME),
        ("character_maximum_length", Integer),
        ("numeric_precision", Integer),
        ("numeric_scale", Integer),
        ("remarks", TEXT),
        ("sort_key_type", NAME),
        ("sort_key", Integer),
        ("dist_key", Integer),
        ("encoding", NAME),
        ("collation", NAME),
    ];
    let mut rows = Vec::new();
    let database = || Value::from(context.engine.database());
    // What svv_columns says of a column, but for the radix and the digits of a second.
    let described = |index: usize, column: ListedColumn| {
        let mut values = describe(index, &column);
        values.truncate(9);
        values.remove(7);
        values
    };
    let view_column = |name: &str, data_type: RedshiftType| ListedColumn {
        name: name.to_owned(),
        data_type,
        nullable: true,
        default: None,
        comment: None,
    };
    match context.names().resolve(name)? {
        Relation::Table(table) => {
            let definition = &table.definition;
            let schema = schema_of(&table);
            for (index, column) in definition.columns.iter().enumerate() {
                let mut row = vec![database(), schema.as_str().into(), definition.name.as_str().into()];
                row.extend(described(index, listed(&table, column)));
                let kept = &definition.attributes;
                let place = sort_position(kept, &column.name);
                let kind = match &kept.sort_key {
                    SortKey::Auto => None,
                    SortKey::Compound(_) => Some("COMPOUND"),
                    SortKey::Interleaved(_) => Some("INTERLEAVED"),
                };
                let in_key = sort_columns(kept).contains(&column.name);
                let collation = match column.data_type {
                    _ if column.case_insensitive => Some("case_insensitive"),
                    RedshiftType::Varchar(_) | RedshiftType::Char(_) => Some("default"),
                    _ => None,
                };
                let encoding = match encoding_text(&table, column) {
                    none if none == "none" => "raw".to_owned(),
                    other => other,
                };
                let is_dist_key = kept.distribution == Distribution::Key(column.name.clone());
                row.extend([
                    column.comment.clone().into(),
                    kind.filter(|_| in_key).into(),
                    place.into(),
                    is_dist_key.then_some(1).into(),
                    encoding.into(),
                    collation.into(),
                ]);
                rows.push(row);
            }
        }
        Relation::View(view) => {
            let definition = &view.definition;
            for (index, (column, data_type)) in
                definition.column_names.iter().zip(&definition.column_types).enumerate()
            {
                let mut row =
                    vec![database(), definition.schema.as_str().into(), definition.name.as_str().into()];
                row.extend(described(index, view_column(column, *data_type)));
                row.resize(COLUMNS.len(), Value::Null);
                rows.push(row);
            }
        }
        Relation::System(system) => {
            for (index, (column, data_type)) in system.columns.iter().enumerate() {
                let mut row = vec![database(), system.schema.into(), system.name.into()];
                row.extend(described(index, view_column(column, *data_type)));
                row.resize(COLUMNS.len(), Value::Null);
                rows.push(row);
            }
        }
    }
    Ok((COLUMNS, rows))
}
