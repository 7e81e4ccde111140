//! svv_masking_policy: masking policies (the guide's page SVV_MASKING_POLICY).

use dwh_common::RedshiftType::{self, Timestamp};
use dwh_common::SqlError;
use dwh_storage::Grantee;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::policies::{columns_json, values_json};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_masking_policy",
    columns: &[
        ("policy_database", TEXT),
        ("policy_name", TEXT),
        ("input_columns", TEXT),
        ("policy_expression", TEXT),
        ("policy_modified_by", TEXT),
        ("policy_modified_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    if !view.rights.is_security_administrator() {
        return Ok(Vec::new());
    }
    let access = view.transaction.access();
    let rows = access.masking_policies.iter().map(|(name, policy)| {
        vec![
            view.database.into(),
            name.clone().into(),
            columns_json(policy).into(),
            values_json(policy).into(),
            access.grantee_name(Grantee::User(policy.modified_by)).into(),
            policy.modified_at.into(),
        ]
    });
    Ok(rows.collect())
}
