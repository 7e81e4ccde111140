//! pg_indexes: pg_index with names.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_indexes",
    columns: &[
        ("schemaname", NAME),
        ("tablename", NAME),
        ("indexname", NAME),
        ("tablespace", NAME),
        ("indexdef", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let mut rows = Vec::new();
    for relation in &catalog.relations {
        let Some(index) = &relation.index else { continue };
        let table = catalog.relation(index.table).map(|table| table.name.clone());
        rows.push(vec![
            relation.schema.clone().into(),
            table.into(),
            relation.name.clone().into(),
            Value::Null,
            index.definition.clone().into(),
        ]);
    }
    Ok(rows)
}
