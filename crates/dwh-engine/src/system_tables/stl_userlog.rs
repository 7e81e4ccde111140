//! stl_userlog: users that were created, altered and dropped (the guide's page STL_USERLOG).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::UserChangeRecord;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_userlog",
    columns: &[
        ("userid", Integer),
        ("username", Char(50)),
        ("oldusername", Char(50)),
        ("action", Char(10)),
        ("usecreatedb", Integer),
        ("usesuper", Integer),
        ("usecatupd", Integer),
        ("valuntil", Timestamp),
        ("pid", Integer),
        ("xid", BigInt),
        ("recordtime", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |change: UserChangeRecord| {
        vec![
            change.user_id.into(),
            change.user_name.into(),
            change.old_name.into(),
            change.action.into(),
            i64::from(change.create_db).into(),
            i64::from(change.superuser).into(),
            0.into(),
            change.valid_until.into(),
            change.session_id.into(),
            change.transaction_id.into(),
            change.changed_at.into(),
        ]
    };
    Ok(view.engine.warehouse().query_log().user_changes()?.into_iter().map(row).collect())
}
