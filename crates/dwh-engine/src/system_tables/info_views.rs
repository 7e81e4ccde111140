//! information_schema.views: the views and their SELECTs.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::relations::materialized_text;
use super::rows::Value;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "views",
    columns: &[
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("view_definition", RedshiftType::Varchar(65535)),
        ("check_option", NAME),
        ("is_updatable", NAME),
        ("is_insertable_into", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).relations {
        let materialized = relation.table.as_deref().and_then(materialized_text);
        let stored = relation.view.map(|stored| stored.definition.sql.clone());
        let Some(definition) = stored.or(materialized) else { continue };
        rows.push(vec![
            view.database.into(),
            relation.schema.into(),
            relation.name.into(),
            definition.into(),
            "NONE".into(),
            "NO".into(),
            "NO".into(),
        ]);
    }
    Ok(rows)
}
