//! stl_load_errors: one row for each rejected record (RS 2.1).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::rows::{Value, padded};
use super::{PG_CATALOG, SystemTable, SystemView, USER_ID};

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
    let row = |error: dwh_storage::LoadErrorRecord| {
        vec![
            USER_ID.into(),
            error.slice.into(),
            relation_oid(error.table_id).into(),
            error.started_at.into(),
            error.session_id.into(),
            error.query_id.into(),
            padded(&error.file_name, 256),
            error.line_number.into(),
            padded(&error.column_name, 127),
            padded(&error.column_type, 10),
            padded(&error.column_length, 10),
            error.position.into(),
            padded(&error.raw_line, 1024),
            padded(&error.raw_field_value, 1024),
            error.err_code.into(),
            padded(&error.err_reason, 100),
            0.into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(errors.into_iter().map(row).collect())
}
