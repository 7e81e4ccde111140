//! stl_vacuum: what VACUUM did to each table, its begin and its end (the guide's page STL_VACUUM). Rows are not kept in
//! the order of their sort keys, so none counts as sorted.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{MaintenanceRecord, TableSize};

use super::catalog::relation_oid;
use super::log_rows::vacuums;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_vacuum",
    columns: &[
        ("userid", Integer),
        ("xid", BigInt),
        ("table_id", Integer),
        ("status", Char(30)),
        ("rows", BigInt),
        ("sortedrows", Integer),
        ("blocks", Integer),
        ("max_merge_partitions", Integer),
        ("eventtime", Timestamp),
        ("reclaimable_rows", BigInt),
        ("reclaimable_space_mb", BigInt),
        ("cutoff_xid", BigInt),
        ("is_recluster", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for done in vacuums(view)? {
        if done.is_skipped {
            let status = if done.before.rows == 0 { "Skipped(0 rows)" } else { "Skipped" };
            rows.push(row(&done, status, done.before, done.started_at));
        } else {
            rows.push(row(&done, "Started", done.before, done.started_at));
            rows.push(row(&done, "Finished", done.after, done.ended_at));
        }
    }
    Ok(rows)
}

fn row(
    done: &MaintenanceRecord,
    status: &str,
    size: TableSize,
    at: chrono::DateTime<chrono::Utc>,
) -> Vec<Value> {
    vec![
        done.user_id.into(),
        done.transaction_id.into(),
        relation_oid(done.table_id).into(),
        status.into(),
        size.rows.into(),
        0.into(),
        size.blocks.into(),
        Value::Null,
        at.into(),
        size.deleted_rows.into(),
        Value::Null,
        done.transaction_id.into(),
        0.into(),
    ]
}
