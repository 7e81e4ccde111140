//! sys_load_error_detail: one row for each rejected record (RS 2.2).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_load_error_detail",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("transaction_id", BigInt),
        ("session_id", Integer),
        ("database_name", Char(64)),
        ("table_id", Integer),
        ("start_time", Timestamp),
        ("file_name", Char(256)),
        ("line_number", BigInt),
        ("column_name", Char(127)),
        ("column_type", Char(10)),
        ("column_length", Char(10)),
        ("position", Integer),
        ("error_code", Integer),
        ("error_message", Char(512)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let loads = view.loads_by_id()?;
    let errors = view.load_log.errors()?;
    let row = |error: dwh_storage::LoadErrorRecord| {
        vec![
            loads.get(&error.query_id).map(|load| load.user_id).into(),
            error.query_id.into(),
            loads.get(&error.query_id).map(|load| load.transaction_id).into(),
            error.session_id.into(),
            view.database.into(),
            relation_oid(error.table_id).into(),
            error.started_at.into(),
            error.file_name.into(),
            error.line_number.into(),
            error.column_name.into(),
            error.column_type.into(),
            error.column_length.into(),
            error.position.into(),
            error.err_code.into(),
            error.err_reason.into(),
        ]
    };
    Ok(errors.into_iter().filter(|error| loads.contains_key(&error.query_id)).map(row).collect())
}
