//! stv_locks: the write locks of tables, held and waited for (the guide's page STV_LOCKS).

use dwh_common::RedshiftType::{BigInt, Char, Timestamp};
use dwh_common::SqlError;
use dwh_storage::TableLock;

use super::catalog::relation_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::activity::OpenSession;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_locks",
    columns: &[
        ("table_id", BigInt),
        ("last_commit", Timestamp),
        ("last_update", Timestamp),
        ("lock_owner", BigInt),
        ("lock_owner_pid", BigInt),
        ("lock_owner_start_ts", Timestamp),
        ("lock_owner_end_ts", Timestamp),
        ("lock_status", Char(22)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let sessions = view.engine.activity().sessions();
    let row = |lock: TableLock| {
        let of = |session: &&OpenSession| session.transaction.is_some_and(|now| now.id == lock.transaction);
        let owner = sessions.iter().find(of);
        vec![
            relation_oid(lock.table).into(),
            Value::Null,
            lock.held_since.into(),
            lock.transaction.into(),
            owner.map(|session| session.record.session_id).into(),
            owner.and_then(|session| session.transaction).map(|now| now.started_at).into(),
            Value::Null,
            if lock.granted { "Holding write lock" } else { "Waiting for write lock" }.into(),
        ]
    };
    Ok(view.engine.warehouse().locks().into_iter().map(row).collect())
}
