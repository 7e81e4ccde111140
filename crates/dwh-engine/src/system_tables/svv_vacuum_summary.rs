//! svv_vacuum_summary: how VACUUM changed each table (the guide's page SVV_VACUUM_SUMMARY). Rows are not sorted.

use dwh_common::RedshiftType::{BigInt, Integer, Varchar};
use dwh_common::SqlError;
use dwh_storage::MaintenanceRecord;

use super::log_rows::{micros, vacuums};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_vacuum_summary",
    columns: &[
        ("table_name", Varchar(65535)),
        ("xid", BigInt),
        ("sort_partitions", BigInt),
        ("merge_increments", BigInt),
        ("elapsed_time", BigInt),
        ("row_delta", BigInt),
        ("sortedrow_delta", BigInt),
        ("block_delta", Integer),
        ("max_merge_partitions", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |done: MaintenanceRecord| {
        vec![
            done.table_name.into(),
            done.transaction_id.into(),
            0.into(),
            0.into(),
            micros(done.started_at, done.ended_at).into(),
            (done.after.rows - done.before.rows).into(),
            0.into(),
            (done.after.blocks - done.before.blocks).into(),
            Value::Null,
        ]
    };
    Ok(vacuums(view)?.into_iter().filter(|done| !done.is_skipped).map(row).collect())
}
