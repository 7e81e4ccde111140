//! svv_roles: the roles (the guide's page SVV_ROLES).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_storage::{Grantee, Role};

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_roles",
    columns: &[("role_id", Integer), ("role_name", TEXT), ("role_owner", TEXT), ("external_id", TEXT)],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let row = |role: &Role| {
        vec![
            role.id.into(),
            role.name.clone().into(),
            access.grantee_name(Grantee::User(role.owner)).into(),
            role.external_id.clone().into(),
        ]
    };
    Ok(access.roles.values().map(row).collect())
}
