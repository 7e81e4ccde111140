//! sys_procedure_messages: what procedures raised (the guide's page SYS_PROCEDURE_MESSAGES).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::log_rows::{level_name, procedure_messages};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_procedure_messages",
    columns: &[
        ("transaction_id", BigInt),
        ("query_id", BigInt),
        ("record_time", Timestamp),
        ("log_level", Char(10)),
        ("message", Char(1024)),
        ("line_number", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for (call, message) in procedure_messages(view)? {
        rows.push(vec![
            message.transaction_id.into(),
            call.query_id.into(),
            message.raised_at.into(),
            level_name(message.level).into(),
            message.message.into(),
            message.line.into(),
        ]);
    }
    Ok(rows)
}
