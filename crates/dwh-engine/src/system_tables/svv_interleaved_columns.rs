//! svv_interleaved_columns: the columns of interleaved sort keys (the guide's page SVV_INTERLEAVED_COLUMNS). The keys are
//! kept, rows are not ordered by them: their skew is not known.

use dwh_common::RedshiftType::{Decimal, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::SortKey;

use super::catalog::relation_oid;
use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_interleaved_columns",
    columns: &[
        ("tbl", Integer),
        ("col", Integer),
        ("interleaved_skew", Decimal { precision: 19, scale: 2 }),
        ("last_reindex", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for table in tables(view) {
        let SortKey::Interleaved(keys) = &table.definition.attributes.sort_key else { continue };
        for (place, column) in table.definition.columns.iter().enumerate() {
            if keys.contains(&column.name) {
                rows.push(vec![
                    relation_oid(table.id).into(),
                    (place as i64).into(),
                    Value::Null,
                    Value::Null,
                ]);
            }
        }
    }
    Ok(rows)
}
