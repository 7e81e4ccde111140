//! stl_error: internal errors, not those of SQL (the guide's page STL_ERROR).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::ended;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_error",
    columns: &[
        ("userid", Integer),
        ("process", Char(12)),
        ("recordtime", Timestamp),
        ("pid", Integer),
        ("errcode", Integer),
        ("file", Char(90)),
        ("linenum", Integer),
        ("context", Char(100)),
        ("error", Char(512)),
    ],
    rows,
};

const INTERNAL: &str = "XX000";

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let is_internal = |statement: &StatementRecord| {
        statement.error_code.as_deref() == Some(INTERNAL) && statement.kind != "COPY"
    };
    let row = |statement: StatementRecord| {
        vec![
            statement.user_id.into(),
            "padbmaster".into(),
            statement.ended_at.into(),
            statement.session_id.into(),
            0.into(),
            Value::Null,
            Value::Null,
            Value::Null,
            statement.error_message.into(),
        ]
    };
    Ok(ended(view)?.into_iter().filter(is_internal).map(row).collect())
}
