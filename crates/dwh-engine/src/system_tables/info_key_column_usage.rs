//! information_schema.key_column_usage: the columns of keys.

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "key_column_usage",
    columns: &[
        ("constraint_catalog", NAME),
        ("constraint_schema", NAME),
        ("constraint_name", NAME),
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", Integer),
        ("position_in_unique_constraint", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).relations {
        for constraint in &relation.constraints {
            for (place, number) in constraint.columns.iter().enumerate() {
                let Some(column) = relation.columns.get((*number - 1) as usize) else { continue };
                let place = place as i64 + 1;
                rows.push(vec![
                    view.database.into(),
                    relation.schema.clone().into(),
                    constraint.name.clone().into(),
                    view.database.into(),
                    relation.schema.clone().into(),
                    relation.name.clone().into(),
                    column.name.clone().into(),
                    place.into(),
                    constraint.references.as_ref().map(|_| place).into(),
                ]);
            }
        }
    }
    Ok(rows)
}
