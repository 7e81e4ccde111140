//! svv_role_grants: which roles have which roles (the guide's page SVV_ROLE_GRANTS).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_storage::Grantee;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_role_grants",
    columns: &[
        ("role_id", Integer),
        ("role_name", TEXT),
        ("granted_role_id", Integer),
        ("granted_role_name", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let row = |(role, member): &(i64, Grantee)| match member {
        Grantee::Role(id) if view.sees_grantee(*member) => Some(vec![
            (*id).into(),
            access.grantee_name(*member).into(),
            (*role).into(),
            access.grantee_name(Grantee::Role(*role)).into(),
        ]),
        _ => None,
    };
    Ok(access.role_members.keys().filter_map(row).collect())
}
