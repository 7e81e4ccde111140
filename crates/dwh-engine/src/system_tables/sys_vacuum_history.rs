//! sys_vacuum_history: what VACUUM did to each table (the guide's page SYS_VACUUM_HISTORY). Rows are not kept in the order
//! of their sort keys, so none counts as sorted.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::MaintenanceRecord;

use super::catalog::relation_oid;
use super::log_rows::{micros, vacuums};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_vacuum_history",
    columns: &[
        ("user_id", Integer),
        ("transaction_id", BigInt),
        ("query_id", BigInt),
        ("database_name", TEXT),
        ("schema_name", TEXT),
        ("table_name", TEXT),
        ("table_id", Integer),
        ("vacuum_type", Char(20)),
        ("is_automatic", Boolean),
        ("status", Char(50)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("record_time", Timestamp),
        ("duration", Integer),
        ("rows_before_vacuum", BigInt),
        ("size_before_vacuum", Integer),
        ("reclaimable_rows", BigInt),
        ("reclaimed_rows", BigInt),
        ("reclaimed_blocks", BigInt),
        ("sortedrows_before_vacuum", Integer),
        ("sortedrows_after_vacuum", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |done: MaintenanceRecord| {
        vec![
            done.user_id.into(),
            done.transaction_id.into(),
            done.query_id.into(),
            done.database.into(),
            done.schema_name.into(),
            done.table_name.into(),
            relation_oid(done.table_id).into(),
            "Full".into(),
            false.into(),
            if done.is_skipped { "Skipped" } else { "Complete" }.into(),
            done.started_at.into(),
            done.ended_at.into(),
            done.ended_at.into(),
            micros(done.started_at, done.ended_at).into(),
            done.before.rows.into(),
            done.before.blocks.into(),
            done.before.deleted_rows.into(),
            (done.before.deleted_rows - done.after.deleted_rows).into(),
            (done.before.blocks - done.after.blocks).into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(vacuums(view)?.into_iter().map(row).collect())
}
