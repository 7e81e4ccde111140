//! sys_load_history: one row for each COPY, running or finished (RS 2.2).

use std::collections::HashMap;

use dwh_common::RedshiftType::{self, BigInt, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_copy::ProgressCounts;
use dwh_storage::{LoadRecord, LoadStatus};

use super::log_rows::running;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_load_history",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("transaction_id", BigInt),
        ("session_id", Integer),
        ("database_name", TEXT),
        ("status", TEXT),
        ("table_name", TEXT),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("duration", BigInt),
        ("data_source", TEXT),
        ("file_format", TEXT),
        ("loaded_rows", BigInt),
        ("loaded_bytes", BigInt),
        ("source_file_count", Integer),
        ("source_file_bytes", BigInt),
        ("file_count_scanned", Integer),
        ("file_bytes_scanned", BigInt),
        ("error_count", BigInt),
        ("copy_job_id", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut loads = view.load_log.loads()?;
    loads.retain(|load| view.sees(load.user_id.into()));
    let running: HashMap<i64, ProgressCounts> =
        running(view).iter().filter_map(|running| Some((running.query_id(), running.copied()?))).collect();
    let row = |mut load: LoadRecord| {
        let duration = load.ended_at.and_then(|end| (end - load.started_at).num_microseconds());
        let mut scanned = (load.source_file_count, load.source_file_bytes);
        // The history has the figures of loads that have ended.
        if let Some(now) = running.get(&load.query_id).filter(|_| load.status == LoadStatus::Running) {
            (load.source_file_count, load.source_file_bytes) = (now.objects_total, now.bytes_total);
            (load.loaded_rows, load.loaded_bytes) = (now.rows, now.bytes_done);
            load.error_count = now.errors;
            scanned = (now.objects_done, now.bytes_done);
        }
        vec![
            load.user_id.into(),
            load.query_id.into(),
            load.transaction_id.into(),
            load.session_id.into(),
            load.database.into(),
            load.status.to_string().into(),
            load.table_name.into(),
            load.started_at.into(),
            load.ended_at.into(),
            duration.into(),
            load.data_source.into(),
            load.file_format.into(),
            load.loaded_rows.into(),
            load.loaded_bytes.into(),
            load.source_file_count.into(),
            load.source_file_bytes.into(),
            scanned.0.into(),
            scanned.1.into(),
            load.error_count.into(),
            0.into(),
        ]
    };
    Ok(loads.into_iter().map(row).collect())
}
