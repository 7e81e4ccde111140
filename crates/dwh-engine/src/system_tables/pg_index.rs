//! pg_index: the indexes of primary and unique keys.

use dwh_common::RedshiftType::{self, BigInt, Boolean, SmallInt};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_index",
    columns: &[
        ("oid", BigInt),
        ("indexrelid", BigInt),
        ("indrelid", BigInt),
        ("indnatts", SmallInt),
        ("indisunique", Boolean),
        ("indisprimary", Boolean),
        ("indisclustered", Boolean),
        ("indisvalid", Boolean),
        ("indkey", TEXT),
        ("indclass", TEXT),
        ("indexprs", TEXT),
        ("indpred", TEXT),
        ("indisreplident", Boolean),
        ("indoption", TEXT),
        ("indimmediate", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).relations {
        let Some(index) = relation.index else { continue };
        rows.push(vec![
            relation.oid.into(),
            relation.oid.into(),
            index.table.into(),
            (index.columns.len() as i64).into(),
            true.into(),
            index.is_primary.into(),
            false.into(),
            true.into(),
            vector_text(index.columns.iter()).into(),
            vector_text(index.columns.iter().map(|_| 0)).into(),
            Value::Null,
            Value::Null,
            false.into(),
            vector_text(index.columns.iter().map(|_| 0)).into(),
            true.into(),
        ]);
    }
    Ok(rows)
}

/// Numbers as PostgreSQL prints an int2vector.
fn vector_text(numbers: impl Iterator<Item = impl ToString>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}
