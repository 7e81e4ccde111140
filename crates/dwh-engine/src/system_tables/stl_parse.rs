//! stl_parse: what loads read (the guide's page STL_PARSE). A load is one row, on slice 0.

use dwh_common::RedshiftType::{BigInt, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_parse",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("segment", Integer),
        ("step", Integer),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("tasknum", Integer),
        ("rows", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut loads: Vec<_> = view.loads_by_id()?.into_values().collect();
    loads.sort_by_key(|load| load.query_id);
    let rows = loads.into_iter().map(|load| {
        vec![
            load.user_id.into(),
            load.query_id.into(),
            0.into(),
            0.into(),
            1.into(),
            load.started_at.into(),
            load.ended_at.into(),
            Value::Null,
            (load.loaded_rows + load.error_count).into(),
        ]
    });
    Ok(rows.collect())
}
