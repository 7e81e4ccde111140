//! sys_userlog: users that were created, altered and dropped (the guide's page SYS_USERLOG).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_userlog",
    columns: &[
        ("user_id", Integer),
        ("user_name", Char(50)),
        ("original_user_name", Char(50)),
        ("action", Char(10)),
        ("has_create_db_privs", Integer),
        ("is_superuser", Integer),
        ("has_update_catalog_privs", Integer),
        ("password_expiration", Timestamp),
        ("session_id", Integer),
        ("transaction_id", BigInt),
        ("record_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    // The same columns under other names.
    (super::stl_userlog::TABLE.rows)(view)
}
