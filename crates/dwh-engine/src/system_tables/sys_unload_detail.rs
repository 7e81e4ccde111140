//! sys_unload_detail: one row for each file of an UNLOAD (RS 6.3).

use std::collections::HashMap;

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{UnloadFileRecord, UnloadRecord};

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_unload_detail",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("session_id", Integer),
        ("transaction_id", BigInt),
        ("file_name", Char(1280)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("line_count", BigInt),
        ("transfer_size", BigInt),
        ("file_format", Char(10)),
    ],
    rows,
};

/// The files of all UNLOADs, each with its UNLOAD.
pub(super) fn files(
    view: &SystemView<'_>,
) -> Result<impl Iterator<Item = (UnloadRecord, UnloadFileRecord)>, SqlError> {
    let unloads = view.load_log.unloads()?.into_iter();
    let unloads: HashMap<i64, UnloadRecord> = unloads
        .filter(|unload| view.sees(unload.user_id.into()))
        .map(|unload| (unload.query_id, unload))
        .collect();
    let files = view.load_log.unloaded_files()?.into_iter();
    Ok(files.filter_map(move |file| Some((unloads.get(&file.query_id)?.clone(), file))))
}

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(unload, file): (UnloadRecord, UnloadFileRecord)| {
        vec![
            unload.user_id.into(),
            unload.query_id.into(),
            unload.session_id.into(),
            unload.transaction_id.into(),
            file.file_name.into(),
            unload.started_at.into(),
            unload.ended_at.into(),
            file.rows.into(),
            file.bytes.into(),
            unload.file_format.into(),
        ]
    };
    Ok(files(view)?.map(row).collect())
}
