//! pg_user: the users; of passwords it shows that they are hidden.

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::User;

use super::catalog::{SYSTEM_USER, SYSTEM_USER_NAME};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_user",
    columns: &[
        ("usename", NAME),
        ("usesysid", Integer),
        ("usecreatedb", Boolean),
        ("usesuper", Boolean),
        ("usecatupd", Boolean),
        ("passwd", NAME),
        ("valuntil", NAME),
        ("useconfig", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let users = view.transaction.access().users.values();
    let row = |user: &User| {
        let settings: Vec<String> =
            user.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        vec![
            view.user_name(user).into(),
            user.id.into(),
            user.create_db.into(),
            user.superuser.into(),
            false.into(),
            "********".into(),
            user.valid_until.map(|until| until.format("%Y-%m-%d %H:%M:%S+00").to_string()).into(),
            if settings.is_empty() { Value::Null } else { format!("{{{}}}", settings.join(",")).into() },
        ]
    };
    Ok(std::iter::once(system_user()).chain(users.map(row)).collect())
}

/// The user that what the system has belongs to: nobody can log in as it.
fn system_user() -> Vec<Value> {
    vec![
        SYSTEM_USER_NAME.into(),
        SYSTEM_USER.into(),
        true.into(),
        true.into(),
        true.into(),
        "********".into(),
        "infinity".into(),
        Value::Null,
    ]
}
