//! svv_attached_masking_policy: where masking policies are attached (the guide's page SVV_ATTACHED_MASKING_POLICY).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::Grantee;

use super::relations::kind_of_protected;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::identity;
use crate::policies::paths_json;

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_attached_masking_policy",
    columns: &[
        ("policy_name", TEXT),
        ("schema_name", TEXT),
        ("table_name", TEXT),
        ("table_type", TEXT),
        ("grantor", TEXT),
        ("grantee", TEXT),
        ("grantee_type", TEXT),
        ("priority", Integer),
        ("input_columns", TEXT),
        ("output_columns", TEXT),
        ("is_masking_datashare_on", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    if !view.rights.is_security_administrator() {
        return Ok(Vec::new());
    }
    let access = view.transaction.access();
    let rows = access.masks.iter().filter_map(|(key, mask)| {
        let (schema, name, kind) = kind_of_protected(view.transaction, key.relation)?;
        Some(vec![
            key.policy.clone().into(),
            schema.into(),
            name.into(),
            kind.into(),
            access.grantee_name(Grantee::User(mask.grantor)).into(),
            access.grantee_name(key.to).into(),
            identity(key.to).1.into(),
            i64::from(mask.priority).into(),
            paths_json(&mask.inputs).into(),
            paths_json(&key.outputs).into(),
            false.into(),
        ])
    });
    Ok(rows.collect())
}
