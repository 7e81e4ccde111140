//! svl_stored_proc_messages: what procedures raised (the guide's page SVL_STORED_PROC_MESSAGES).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementStatus;

use super::log_rows::{level_name, procedure_messages};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_stored_proc_messages",
    columns: &[
        ("userid", Integer),
        ("session_userid", Integer),
        ("pid", Integer),
        ("xid", BigInt),
        ("query", Integer),
        ("recordtime", Timestamp),
        ("loglevel", Integer),
        ("loglevel_text", Char(10)),
        ("message", Char(1024)),
        ("linenum", Integer),
        ("querytxt", Char(500)),
        ("label", Char(320)),
        ("aborted", Integer),
        ("message_xid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for (call, message) in procedure_messages(view)? {
        rows.push(vec![
            call.user_id.into(),
            call.session_user_id.into(),
            call.session_id.into(),
            call.transaction_id.into(),
            call.query_id.into(),
            message.raised_at.into(),
            message.level.into(),
            level_name(message.level).into(),
            message.message.into(),
            message.line.into(),
            call.text.into(),
            call.label.into(),
            i64::from(call.status != StatementStatus::Success).into(),
            message.transaction_id.into(),
        ]);
    }
    Ok(rows)
}
