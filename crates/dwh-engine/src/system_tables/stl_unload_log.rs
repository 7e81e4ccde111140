//! stl_unload_log: one row for each file of an UNLOAD (RS 6.3).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_unload_log",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("pid", Integer),
        ("path", Char(1280)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("line_count", BigInt),
        ("transfer_size", BigInt),
        ("file_format", Char(10)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(unload, file): (dwh_storage::UnloadRecord, dwh_storage::UnloadFileRecord)| {
        vec![
            unload.user_id.into(),
            unload.query_id.into(),
            file.slice.into(),
            unload.session_id.into(),
            file.file_name.into(),
            unload.started_at.into(),
            unload.ended_at.into(),
            file.rows.into(),
            file.bytes.into(),
            unload.file_format.into(),
        ]
    };
    Ok(super::sys_unload_detail::files(view)?.map(row).collect())
}
