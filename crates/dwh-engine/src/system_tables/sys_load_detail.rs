//! sys_load_detail: one row for each file of a load (RS 2.2).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

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
            loads.get(&file.query_id).map(|load| load.user_id).into(),
            file.query_id.into(),
            file.file_name.as_ref().into(),
            file.bytes.into(),
            file.lines_scanned.into(),
            file.finished_at.into(),
            1.into(),
            file.started_at.or_else(|| loads.get(&file.query_id).map(|load| load.started_at)).into(),
            file.finished_at.into(),
        ]
    };
    Ok(files.into_iter().filter(|file| loads.contains_key(&file.query_id)).map(row).collect())
}
