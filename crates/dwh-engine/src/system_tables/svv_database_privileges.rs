//! svv_database_privileges: who has which privilege on the database (the guide's page SVV_DATABASE_PRIVILEGES).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::privileges::{Granted, granted};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_database_privileges",
    columns: &[
        ("database_name", TEXT),
        ("privilege_type", TEXT),
        ("identity_id", Integer),
        ("identity_name", TEXT),
        ("identity_type", TEXT),
        ("admin_option", Boolean),
        ("privilege_scope", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |granted: Granted| {
        vec![
            granted.name.into(),
            granted.privilege.into(),
            granted.identity_id.into(),
            granted.identity_name.into(),
            granted.identity_type.into(),
            granted.with_option.into(),
            "DATABASE".into(),
        ]
    };
    let granted = granted(view, |on| matches!(on, Securable::Database));
    Ok(granted.into_iter().map(row).collect())
}
