//! sys_procedure_call: calls of procedures that have ended, and who called them (the guide's page SYS_PROCEDURE_CALL).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementStatus;

use super::log_rows::calls;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_procedure_call",
    columns: &[
        ("session_user_id", Integer),
        ("security_user_id", Integer),
        ("query_id", Integer),
        ("query_text", Char(4000)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("status", Char(10)),
        ("caller_procedure_query_id", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |call: dwh_storage::StatementRecord| {
        let status = match call.status {
            StatementStatus::Success => "success",
            StatementStatus::Failed | StatementStatus::Canceled => "canceled",
        };
        vec![
            call.session_user_id.into(),
            call.user_id.into(),
            call.query_id.into(),
            call.text.into(),
            call.started_at.into(),
            call.ended_at.into(),
            status.into(),
            call.from_call.into(),
        ]
    };
    Ok(calls(view)?.into_iter().map(row).collect())
}
