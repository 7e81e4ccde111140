//! stl_load_commits: one row for each file of a load (RS 2.2).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_load_commits",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("name", Char(256)),
        ("filename", Char(256)),
        ("byte_offset", Integer),
        ("lines_scanned", Integer),
        ("errors", Integer),
        ("curtime", Timestamp),
        ("status", Integer),
        ("file_format", Char(16)),
        ("is_partial", Integer),
        ("start_offset", BigInt),
        ("copy_job_id", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let files = view.load_log.files()?;
    let loads = view.loads_by_id()?;
    let row = |file: dwh_storage::LoadFileRecord| {
        let file_format = loads.get(&file.query_id).map_or("", |load| load.file_format.as_str());
        vec![
            loads.get(&file.query_id).map(|load| load.user_id).into(),
            file.query_id.into(),
            file.slice.into(),
            "".into(),
            file.file_name.as_ref().into(),
            file.bytes.into(),
            file.lines_scanned.into(),
            file.errors.into(),
            file.finished_at.into(),
            1.into(),
            file_format.into(),
            0.into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(files.into_iter().filter(|file| loads.contains_key(&file.query_id)).map(row).collect())
}
