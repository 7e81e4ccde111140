//! svv_tables: tables and views (RS 5.3).

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::relations::all;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_tables",
    columns: &[
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("table_type", NAME),
        ("remarks", RedshiftType::Varchar(256)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |relation: super::relations::Listed| {
        vec![
            view.database.into(),
            relation.schema.into(),
            relation.name.into(),
            if relation.is_view { "VIEW" } else { "BASE TABLE" }.into(),
            relation.comment.into(),
        ]
    };
    Ok(all(view).into_iter().map(row).collect())
}
