//! information_schema.schemata.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::rows::Value;
use super::{INFORMATION_SCHEMA, PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "schemata",
    columns: &[
        ("catalog_name", NAME),
        ("schema_name", NAME),
        ("schema_owner", NAME),
        ("default_character_set_catalog", NAME),
        ("default_character_set_schema", NAME),
        ("default_character_set_name", NAME),
        ("sql_path", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut names: Vec<String> =
        view.transaction.schemas().iter().map(|schema| schema.name.clone()).collect();
    names.extend([INFORMATION_SCHEMA.to_owned(), PG_CATALOG.to_owned()]);
    names.sort();
    let row = |name: String| {
        let mut row: Vec<Value> = vec![view.database.into(), name.into(), view.user.into()];
        row.resize(TABLE.columns.len(), Value::Null);
        row
    };
    Ok(names.into_iter().map(row).collect())
}
