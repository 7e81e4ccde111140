//! stl_file_scan: the files that loads have read (RS 2.2), columns as in the Database Developer Guide.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_file_scan",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("name", Char(90)),
        ("lines", BigInt),
        ("bytes", BigInt),
        ("loadtime", BigInt),
        ("curtime", Timestamp),
        ("is_partial", Integer),
        ("start_offset", BigInt),
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
            file.slice.into(),
            file.file_name.as_ref().into(),
            file.lines_scanned.into(),
            file.bytes.into(),
            file.started_at.map(|start| (file.finished_at - start).num_microseconds()).into(),
            file.finished_at.into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(files.into_iter().filter(|file| loads.contains_key(&file.query_id)).map(row).collect())
}
