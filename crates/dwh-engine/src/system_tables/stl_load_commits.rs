//! stl_load_commits: one row for each file of a load (RS 2.2).

use std::collections::HashMap;

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::{Value, padded};
use super::{PG_CATALOG, SystemTable, SystemView, USER_ID};

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
    let formats: HashMap<i64, String> =
        view.load_log.loads()?.into_iter().map(|load| (load.query_id, load.file_format)).collect();
    let row = |file: dwh_storage::LoadFileRecord| {
        let file_format = formats.get(&file.query_id).map_or("", String::as_str);
        vec![
            USER_ID.into(),
            file.query_id.into(),
            0.into(),
            padded("", 256),
            padded(&file.file_name, 256),
            file.bytes.into(),
            file.lines_scanned.into(),
            file.errors.into(),
            file.finished_at.into(),
            1.into(),
            padded(file_format, 16),
            0.into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(files.into_iter().map(row).collect())
}
