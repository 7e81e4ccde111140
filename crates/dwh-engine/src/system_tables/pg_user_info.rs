//! pg_user_info: the users with their limits (RS 5.3).

use dwh_common::RedshiftType::{self, Boolean, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_user_info",
    columns: &[
        ("usename", NAME),
        ("usesysid", Integer),
        ("usecreatedb", Boolean),
        ("usesuper", Boolean),
        ("usecatupd", Boolean),
        ("passwd", NAME),
        ("valuntil", NAME),
        ("useconfig", TEXT),
        ("useconnlimit", TEXT),
        ("syslogaccess", TEXT),
        ("last_ddl_ts", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    // What pg_user has, and behind it what svl_user_info has more.
    let more = (super::svl_user_info::TABLE.rows)(view)?;
    let users = (super::pg_user::TABLE.rows)(view)?;
    let seen = |row: &Vec<Value>| more.iter().find(|other| other[1] == row[1]);
    let joined = |mut row: Vec<Value>| {
        match seen(&row) {
            Some(other) => row.extend_from_slice(&other[5..8]),
            // The system's user has no limits.
            None => row.resize(TABLE.columns.len(), Value::Null),
        }
        row
    };
    Ok(users.into_iter().map(joined).collect())
}
