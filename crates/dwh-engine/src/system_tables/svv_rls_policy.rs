//! svv_rls_policy: policies of row-level security (the guide's page SVV_RLS_POLICY).

use dwh_common::RedshiftType::{self, Boolean, Timestamp};
use dwh_common::SqlError;
use dwh_storage::Grantee;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::policies::{ROW_ALIAS, columns_json, condition_text};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_rls_policy",
    columns: &[
        ("poldb", TEXT),
        ("polname", TEXT),
        ("polalias", TEXT),
        ("polatts", TEXT),
        ("polqual", TEXT),
        ("polenabled", Boolean),
        ("polmodifiedby", TEXT),
        ("polmodifiedtime", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    if !view.rights.is_security_administrator() {
        return Ok(Vec::new());
    }
    let access = view.transaction.access();
    let rows = access.row_policies.iter().map(|(name, policy)| {
        vec![
            view.database.into(),
            name.clone().into(),
            policy.alias.as_deref().unwrap_or(ROW_ALIAS).into(),
            columns_json(policy).into(),
            condition_text(policy).into(),
            true.into(),
            access.grantee_name(Grantee::User(policy.modified_by)).into(),
            policy.modified_at.into(),
        ]
    });
    Ok(rows.collect())
}
