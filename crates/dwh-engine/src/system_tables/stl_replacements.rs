//! stl_replacements: records in which ACCEPTINVCHARS replaced characters, the first 100 of each slice (RS 1.14,
//! 2.2), columns as in the Database Developer Guide.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_replacements",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("tbl", Integer),
        ("starttime", Timestamp),
        ("session", Integer),
        ("filename", Char(256)),
        ("line_number", BigInt),
        ("colname", Char(127)),
        ("raw_line", Char(1024)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let replacements = view.load_log.replacements()?;
    let loads = view.loads_by_id()?;
    let row = |replacement: dwh_storage::LoadReplacementRecord| {
        let load = loads.get(&replacement.query_id);
        vec![
            loads.get(&replacement.query_id).map(|load| load.user_id).into(),
            replacement.query_id.into(),
            replacement.slice.into(),
            load.map(|load| relation_oid(load.table_id)).into(),
            load.map(|load| load.started_at).into(),
            load.map(|load| load.session_id).into(),
            replacement.file_name.into(),
            replacement.line_number.into(),
            replacement.column_name.into(),
            replacement.raw_line.into(),
        ]
    };
    Ok(replacements
        .into_iter()
        .filter(|replacement| loads.contains_key(&replacement.query_id))
        .map(row)
        .collect())
}
