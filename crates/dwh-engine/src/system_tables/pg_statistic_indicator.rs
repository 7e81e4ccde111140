//! pg_statistic_indicator: rows that tables have, and how many changed since they were counted (the guide's page
//! PG_STATISTIC_INDICATOR): counts are exact at all times.

use dwh_common::RedshiftType::{BigInt, Double};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_statistic_indicator",
    columns: &[("stairelid", BigInt), ("stairows", Double), ("staiins", Double), ("staidels", Double)],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |table: std::sync::Arc<dwh_storage::Table>| {
        vec![relation_oid(table.id).into(), (table.row_count() as f64).into(), 0.0.into(), 0.0.into()]
    };
    Ok(tables(view).into_iter().map(row).collect())
}
