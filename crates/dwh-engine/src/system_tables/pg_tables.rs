//! pg_tables: the tables (PostgreSQL's view of that name).

use dwh_common::RedshiftType::{self, Boolean};
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::relations::{schema_of, tables};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_tables",
    columns: &[
        ("schemaname", NAME),
        ("tablename", NAME),
        ("tableowner", NAME),
        ("tablespace", NAME),
        ("hasindexes", Boolean),
        ("hasrules", Boolean),
        ("hastriggers", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |table: std::sync::Arc<dwh_storage::Table>| {
        vec![
            schema_of(&table).into(),
            table.definition.name.clone().into(),
            view.owner_name(Securable::Relation(table.id)).into(),
            Value::Null,
            false.into(),
            false.into(),
            false.into(),
        ]
    };
    Ok(tables(view).into_iter().map(row).collect())
}
