//! svl_user_info: the users and their options (the guide's page SVL_USER_INFO).

use dwh_common::RedshiftType::{self, Boolean, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::User;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_user_info",
    columns: &[
        ("usename", NAME),
        ("usesysid", Integer),
        ("usecreatedb", Boolean),
        ("usesuper", Boolean),
        ("usecatupd", Boolean),
        ("useconnlimit", TEXT),
        ("syslogaccess", TEXT),
        ("last_ddl_ts", Timestamp),
        ("sessiontimeout", Integer),
        ("external_user_id", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |user: &User| {
        let limit = user.connection_limit.map_or_else(|| "UNLIMITED".to_owned(), |limit| limit.to_string());
        let syslog = if user.syslog_unrestricted { "UNRESTRICTED" } else { "RESTRICTED" };
        vec![
            view.user_name(user).into(),
            user.id.into(),
            user.create_db.into(),
            user.superuser.into(),
            false.into(),
            limit.into(),
            syslog.into(),
            Value::Null,
            i64::from(user.session_timeout_seconds.unwrap_or_default()).into(),
            user.external_id.clone().into(),
        ]
    };
    let users = view.transaction.access().users.values();
    Ok(users.filter(|user| view.sees(user.id)).map(row).collect())
}
