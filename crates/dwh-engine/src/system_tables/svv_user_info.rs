//! svv_user_info: the users and their options (the guide's page SVV_USER_INFO).

use dwh_common::RedshiftType::{self, Boolean, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, svl_user_info};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_user_info",
    columns: &[
        ("user_id", Integer),
        ("user_name", TEXT),
        ("createdb", Boolean),
        ("superuser", Boolean),
        ("catalog_update", Boolean),
        ("connection_limit", TEXT),
        ("syslog_access", TEXT),
        ("last_ddl_timestamp", Timestamp),
        ("session_timeout", Integer),
        ("external_id", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = [
        "usesysid",
        "usename",
        "usecreatedb",
        "usesuper",
        "usecatupd",
        "useconnlimit",
        "syslogaccess",
        "last_ddl_ts",
        "sessiontimeout",
        "external_user_id",
    ];
    svl_user_info::TABLE.picked(&columns, view)
}
