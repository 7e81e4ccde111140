//! information_schema.constraint_column_usage: the columns that keys are of, or refer to.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "constraint_column_usage",
    columns: &[
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("constraint_catalog", NAME),
        ("constraint_schema", NAME),
        ("constraint_name", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let mut rows = Vec::new();
    for relation in &catalog.relations {
        for constraint in &relation.constraints {
            let own = (relation.oid, constraint.columns.clone());
            let (used, columns) = constraint.references.clone().unwrap_or(own);
            let Some(used) = catalog.relation(used) else { continue };
            for number in columns {
                let Some(column) = used.columns.get((number - 1) as usize) else { continue };
                rows.push(vec![
                    view.database.into(),
                    used.schema.clone().into(),
                    used.name.clone().into(),
                    column.name.clone().into(),
                    view.database.into(),
                    relation.schema.clone().into(),
                    constraint.name.clone().into(),
                ]);
            }
        }
    }
    Ok(rows)
}
