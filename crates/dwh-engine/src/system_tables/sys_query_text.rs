//! sys_query_text: the texts of all statements, 200 bytes a row (the guide's page SYS_QUERY_TEXT).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::{ended, sliced};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_query_text",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("transaction_id", BigInt),
        ("session_id", Integer),
        ("start_time", Timestamp),
        ("sequence", Integer),
        ("text", Char(200)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |statement: &StatementRecord, sequence: i64, text: String| {
        vec![
            statement.user_id.into(),
            statement.query_id.into(),
            statement.transaction_id.into(),
            statement.session_id.into(),
            statement.started_at.into(),
            sequence.into(),
            text.into(),
        ]
    };
    Ok(sliced(&ended(view)?, row))
}
