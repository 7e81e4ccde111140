//! sys_load_detail: one row for each file of a load (RS 2.2).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::{Value, padded};
use super::{PG_CATALOG, SystemTable, SystemView, USER_ID};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_load_detail",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("file_name", Char(256)),
        ("bytes_scanned", BigInt),
        ("lines_scanned", BigInt),
        ("record_time", Timestamp),
        ("splits_scanned", Integer),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let files = view.load_log.files()?;
    let loads = view.loads_by_id()?;
    let row = |file: dwh_storage::LoadFileRecord| {
        vec![
            USER_ID.into(),
            file.query_id.into(),
            padded(&file.file_name, 256),
            file.bytes.into(),
            file.lines_scanned.into(),
            file.finished_at.into(),
            1.into(),
            loads.get(&file.query_id).map(|load| load.started_at).into(),
            file.finished_at.into(),
        ]
    };
    Ok(files.into_iter().map(row).collect())
}
