//! pg_indexes: the index that PostgreSQL would have for each key; Redshift has none.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

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
    let _ = view;
    Ok(Vec::new())
}
