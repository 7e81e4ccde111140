//! information_schema.referential_constraints: foreign keys and the keys that they refer to.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "referential_constraints",
    columns: &[
        ("constraint_catalog", NAME),
        ("constraint_schema", NAME),
        ("constraint_name", NAME),
        ("unique_constraint_catalog", NAME),
        ("unique_constraint_schema", NAME),
        ("unique_constraint_name", NAME),
        ("match_option", NAME),
        ("update_rule", NAME),
        ("delete_rule", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let mut rows = Vec::new();
    for relation in &catalog.relations {
        for constraint in &relation.constraints {
            let Some((target, columns)) = &constraint.references else { continue };
            let Some(target) = catalog.relation(*target) else { continue };
            let key = target.constraints.iter().find(|key| key.kind != 'f' && key.columns == *columns);
            rows.push(vec![
                view.database.into(),
                relation.schema.clone().into(),
                constraint.name.clone().into(),
                view.database.into(),
                target.schema.clone().into(),
                key.map(|key| key.name.clone()).into(),
                "NONE".into(),
                "NO ACTION".into(),
                "NO ACTION".into(),
            ]);
        }
    }
    Ok(rows)
}
