//! sys_unload_history: one row for each UNLOAD, running or finished (RS 6.3).

use dwh_common::RedshiftType::{self, BigInt, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_unload_history",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("transaction_id", BigInt),
        ("session_id", Integer),
        ("database_name", TEXT),
        ("status", TEXT),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("duration", BigInt),
        ("file_format", TEXT),
        ("compression_type", TEXT),
        ("unloaded_location", TEXT),
        ("unloaded_rows", BigInt),
        ("unloaded_files_count", BigInt),
        ("unloaded_files_size", BigInt),
        ("error_message", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let unloads = view.load_log.unloads()?;
    let row = |unload: dwh_storage::UnloadRecord| {
        let duration = unload.ended_at.and_then(|end| (end - unload.started_at).num_microseconds());
        vec![
            unload.user_id.into(),
            unload.query_id.into(),
            unload.transaction_id.into(),
            unload.session_id.into(),
            unload.database.into(),
            unload.status.to_string().into(),
            unload.started_at.into(),
            unload.ended_at.into(),
            duration.into(),
            unload.file_format.into(),
            unload.compression.into(),
            unload.destination.into(),
            unload.unloaded_rows.into(),
            unload.unloaded_files.into(),
            unload.unloaded_bytes.into(),
            unload.error_message.into(),
        ]
    };
    Ok(unloads.into_iter().filter(|unload| view.sees(unload.user_id.into())).map(row).collect())
}
