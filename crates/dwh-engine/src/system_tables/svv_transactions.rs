//! svv_transactions: the open transactions and the locks that they hold or wait for (the guide's page
//! SVV_TRANSACTIONS).

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_transactions",
    columns: &[
        ("txn_owner", TEXT),
        ("txn_db", TEXT),
        ("xid", BigInt),
        ("pid", Integer),
        ("txn_start", Timestamp),
        ("lock_mode", TEXT),
        ("lockable_object_type", TEXT),
        ("relation", Integer),
        ("granted", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let locks = view.engine.warehouse().locks();
    let mut rows = Vec::new();
    for session in view.engine.activity().sessions() {
        let Some(now) = session.transaction.filter(|_| view.sees(session.user_id)) else { continue };
        let mut add = |mode: &str, kind: &str, relation: Option<i64>, granted: bool| {
            rows.push(vec![
                session.record.user_name.clone().into(),
                session.record.database.clone().into(),
                now.id.into(),
                session.record.session_id.into(),
                now.started_at.into(),
                mode.into(),
                kind.into(),
                relation.into(),
                granted.into(),
            ]);
        };
        for lock in locks.iter().filter(|lock| lock.transaction == now.id) {
            add("ShareRowExclusiveLock", "relation", Some(relation_oid(lock.table)), lock.granted);
        }
        add("ExclusiveLock", "transactionid", None, true);
    }
    Ok(rows)
}
