//! stl_load_errors: one row for each rejected record (RS 2.1).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_load_errors",
    columns: &[
        ("userid", Integer),
        ("slice", Integer),
        ("tbl", Integer),
        ("starttime", Timestamp),
        ("session", Integer),
        ("query", Integer),
        ("filename", Char(256)),
        ("line_number", BigInt),
        ("colname", Char(127)),
        ("type", Char(10)),
        ("col_length", Char(10)),
        ("position", Integer),
        ("raw_line", Char(1024)),
        ("raw_field_value", Char(1024)),
        ("err_code", Integer),
        ("err_reason", Char(100)),
        ("is_partial", Integer),
        ("start_offset", BigInt),
        ("copy_job_id", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let errors = view.load_log.errors()?;
    let loads = view.loads_by_id()?;
    let row = |error: dwh_storage::LoadErrorRecord| {
        vec![
            loads.get(&error.query_id).map(|load| load.user_id).into(),
            error.slice.into(),
            relation_oid(error.table_id).into(),
            error.started_at.into(),
            error.session_id.into(),
            error.query_id.into(),
            error.file_name.into(),
            error.line_number.into(),
            error.column_name.into(),
            error.column_type.into(),
            error.column_length.into(),
            error.position.into(),
            with_dots(&error.raw_line).into(),
            error.raw_field_value.into(),
            error.err_code.into(),
            error.err_reason.into(),
            0.into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(errors.into_iter().filter(|error| loads.contains_key(&error.query_id)).map(row).collect())
}

/// The text with a point for each character of several bytes (RS 2.1).
fn with_dots(text: &str) -> String {
    text.chars().map(|character| if character.is_ascii() { character } else { '.' }).collect()
}
