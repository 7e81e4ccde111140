//! svl_stored_proc_call: calls of procedures that have ended (the guide's page SVL_STORED_PROC_CALL).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementStatus;

use super::log_rows::calls;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_stored_proc_call",
    columns: &[
        ("userid", Integer),
        ("session_userid", Integer),
        ("query", Integer),
        ("label", Char(320)),
        ("xid", BigInt),
        ("pid", Integer),
        ("database", Char(32)),
        ("querytxt", Char(4000)),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("aborted", Integer),
        ("from_sp_call", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |call: dwh_storage::StatementRecord| {
        vec![
            call.user_id.into(),
            call.session_user_id.into(),
            call.query_id.into(),
            call.label.into(),
            call.transaction_id.into(),
            call.session_id.into(),
            call.database.into(),
            call.text.into(),
            call.started_at.into(),
            call.ended_at.into(),
            i64::from(call.status != StatementStatus::Success).into(),
            call.from_call.into(),
        ]
    };
    Ok(calls(view)?.into_iter().map(row).collect())
}
