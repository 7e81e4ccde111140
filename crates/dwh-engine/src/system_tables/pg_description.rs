//! pg_description: comments on tables, views, columns and schemas.

use dwh_common::RedshiftType::{self, BigInt, Integer};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

/// The tables that comments are on.
const PG_CLASS: i64 = 1259;
const PG_NAMESPACE: i64 = 2615;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_description",
    columns: &[
        ("objoid", BigInt),
        ("classoid", BigInt),
        ("objsubid", Integer),
        ("description", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let mut rows = Vec::new();
    let mut push = |object: i64, class: i64, column: i64, text: &Option<String>| {
        if let Some(text) = text {
            rows.push(vec![object.into(), class.into(), column.into(), text.clone().into()]);
        }
    };
    for schema in &catalog.schemas {
        push(schema.oid, PG_NAMESPACE, 0, &schema.comment);
    }
    for relation in &catalog.relations {
        push(relation.oid, PG_CLASS, 0, &relation.comment);
        for (index, column) in relation.columns.iter().enumerate() {
            push(relation.oid, PG_CLASS, index as i64 + 1, &column.comment);
        }
    }
    Ok(rows)
}
