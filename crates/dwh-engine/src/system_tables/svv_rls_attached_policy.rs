//! svv_rls_attached_policy: where policies of row-level security are attached (the guide's page SVV_RLS_ATTACHED_POLICY).

use dwh_common::RedshiftType::{self, Boolean, Char};
use dwh_common::SqlError;
use dwh_storage::Grantee;

use super::relations::kind_of_protected;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::identity;

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_rls_attached_policy",
    columns: &[
        ("relschema", TEXT),
        ("relname", TEXT),
        ("relkind", TEXT),
        ("polname", TEXT),
        ("grantor", TEXT),
        ("grantee", TEXT),
        ("granteekind", TEXT),
        ("is_pol_on", Boolean),
        ("is_rls_on", Boolean),
        ("rls_conjunction_type", Char(3)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    if !view.rights.is_security_administrator() {
        return Ok(Vec::new());
    }
    let access = view.transaction.access();
    let rows = access.row_policies_on.iter().filter_map(|(key, grantor)| {
        let (schema, name, kind) = kind_of_protected(view.transaction, key.relation)?;
        let security = access.row_security.get(&key.relation);
        Some(vec![
            schema.into(),
            name.into(),
            kind.into(),
            key.policy.clone().into(),
            access.grantee_name(Grantee::User(*grantor)).into(),
            access.grantee_name(key.to).into(),
            identity(key.to).1.into(),
            true.into(),
            security.is_some().into(),
            security.map_or("AND", |conjunction| conjunction.name()).to_lowercase().into(),
        ])
    });
    Ok(rows.collect())
}
