//! pg_locks: the locks of open transactions, as PostgreSQL's view of that name shows them. What svv_transactions
//! tells, by numbers.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer};
use dwh_common::SqlError;

use super::catalog::DATABASE_OID;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, svv_transactions};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_locks",
    columns: &[
        ("relation", BigInt),
        ("database", BigInt),
        ("transaction", BigInt),
        ("pid", Integer),
        ("mode", RedshiftType::Varchar(65535)),
        ("granted", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let rows = svv_transactions::TABLE.picked(&["relation", "xid", "pid", "lock_mode", "granted"], view)?;
    let row = |row: Vec<Value>| {
        let [relation, transaction, process, mode, granted] = row.try_into().ok()?;
        let database = if relation == Value::Null { Value::Null } else { DATABASE_OID.into() };
        Some(vec![relation, database, transaction, process, mode, granted])
    };
    Ok(rows.into_iter().filter_map(row).collect())
}
