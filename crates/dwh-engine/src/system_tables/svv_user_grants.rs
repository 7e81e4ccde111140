//! svv_user_grants: which users have which roles (the guide's page SVV_USER_GRANTS).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::{Grantee, RoleGrant};

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_user_grants",
    columns: &[
        ("user_id", Integer),
        ("user_name", TEXT),
        ("role_id", Integer),
        ("role_name", TEXT),
        ("admin_option", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let row = |((role, member), grant): (&(i64, Grantee), &RoleGrant)| match member {
        Grantee::User(id) if view.sees(*id) => Some(vec![
            (*id).into(),
            access.grantee_name(*member).into(),
            (*role).into(),
            access.grantee_name(Grantee::Role(*role)).into(),
            grant.admin.into(),
        ]),
        _ => None,
    };
    Ok(access.role_members.iter().filter_map(row).collect())
}
