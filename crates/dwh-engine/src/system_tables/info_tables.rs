//! information_schema.tables.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::relations::all;
use super::rows::Value;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "tables",
    columns: &[
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("table_type", NAME),
        ("self_referencing_column_name", NAME),
        ("reference_generation", NAME),
        ("user_defined_type_catalog", NAME),
        ("user_defined_type_schema", NAME),
        ("user_defined_name", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |relation: super::relations::Listed| {
        let kind = match (relation.is_view, relation.schema.starts_with("pg_temp")) {
            (true, _) => "VIEW",
            (false, true) => "LOCAL TEMPORARY",
            (false, false) => "BASE TABLE",
        };
        let mut row: Vec<Value> =
            vec![view.database.into(), relation.schema.into(), relation.name.into(), kind.into()];
        row.resize(TABLE.columns.len(), Value::Null);
        row
    };
    Ok(all(view).into_iter().map(row).collect())
}
