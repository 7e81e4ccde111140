//! information_schema.table_constraints: primary, unique and foreign keys.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "table_constraints",
    columns: &[
        ("constraint_catalog", NAME),
        ("constraint_schema", NAME),
        ("constraint_name", NAME),
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("constraint_type", NAME),
        ("is_deferrable", NAME),
        ("initially_deferred", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).relations {
        for constraint in &relation.constraints {
            let kind = match constraint.kind {
                'p' => "PRIMARY KEY",
                'u' => "UNIQUE",
                _ => "FOREIGN KEY",
            };
            rows.push(vec![
                view.database.into(),
                relation.schema.clone().into(),
                constraint.name.clone().into(),
                view.database.into(),
                relation.schema.clone().into(),
                relation.name.clone().into(),
                kind.into(),
                "NO".into(),
                "NO".into(),
            ]);
        }
    }
    Ok(rows)
}
