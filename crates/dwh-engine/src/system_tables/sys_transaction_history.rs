//! sys_transaction_history: transactions that have ended (the guide's page SYS_TRANSACTION_HISTORY).

use dwh_common::RedshiftType::{self, BigInt, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::TransactionRecord;

use super::rows::Value;
use super::stv_db_isolation_level::isolation_level;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_transaction_history",
    columns: &[
        ("user_id", Integer),
        ("transaction_id", BigInt),
        ("isolation_level", TEXT),
        ("status", TEXT),
        ("transaction_start_time", Timestamp),
        ("commit_start_time", Timestamp),
        ("commit_end_time", Timestamp),
        ("blocks_committed", BigInt),
        ("undo_transaction_id", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    // Redshift shows this time where there was no commit.
    let no_commit = chrono::DateTime::from_timestamp(946_684_800, 0);
    let isolation = isolation_level(view);
    let row = |ended: TransactionRecord| {
        vec![
            ended.user_id.into(),
            ended.transaction_id.into(),
            isolation.clone().into(),
            if ended.committed { "committed" } else { "rolledback" }.into(),
            ended.started_at.into(),
            ended.commit_started_at.or(no_commit).into(),
            ended.ended_at.into(),
            Value::Null,
            if ended.committed { -1 } else { ended.transaction_id }.into(),
        ]
    };
    Ok(view.engine.warehouse().query_log().transactions()?.into_iter().map(row).collect())
}
