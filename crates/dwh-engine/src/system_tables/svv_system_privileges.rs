//! svv_system_privileges: which roles have which system privileges (the guide's page SVV_SYSTEM_PRIVILEGES).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_storage::{Privilege, SYSTEM_ROLES, Securable};

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::identity;

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_system_privileges",
    columns: &[
        ("system_privilege", TEXT),
        ("identity_id", Integer),
        ("identity_name", TEXT),
        ("identity_type", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let mut rows = Vec::new();
    for (key, grant) in &access.grants {
        if key.on != Securable::System || grant.is_none() || !view.sees_grantee(key.to) {
            continue;
        }
        let (id, kind) = identity(key.to);
        rows.push(vec![
            key.privilege.name().into(),
            id.into(),
            access.grantee_name(key.to).into(),
            kind.into(),
        ]);
    }
    for (name, privileges) in SYSTEM_ROLES {
        let Some(role) = access.role(name) else { continue };
        let all: Vec<Privilege> = Privilege::of_system().collect();
        // `sys:superuser` needs none of them to do everything, and is shown with all.
        let shown = if privileges.is_empty() { &all[..] } else { privileges };
        let of_role = shown
            .iter()
            .map(|privilege| vec![privilege.name().into(), role.id.into(), (*name).into(), "role".into()]);
        rows.extend(of_role);
    }
    Ok(rows)
}
