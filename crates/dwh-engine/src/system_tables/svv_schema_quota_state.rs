//! svv_schema_quota_state: the size of each schema that has a quota, beside it (the guide's page
//! SVV_SCHEMA_QUOTA_STATE). Quotas are kept, not enforced.

use dwh_common::RedshiftType::{Char, Double, Integer};
use dwh_common::SqlError;
use dwh_storage::{Privilege, Securable};

use super::catalog::schema_oid;
use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const MEGABYTE: u64 = 1 << 20;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_schema_quota_state",
    columns: &[
        ("schema_id", Integer),
        ("schema_name", Char(128)),
        ("schema_owner", Integer),
        ("quota", Integer),
        ("disk_usage", Integer),
        ("disk_usage_pct", Double),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let tables = tables(view);
    let mut rows = Vec::new();
    for schema in view.transaction.schemas() {
        let on = Securable::Schema(schema.id);
        let Some(quota) = access.quotas.get(&schema.id).filter(|_| view.rights.has(on, Privilege::USAGE))
        else {
            continue;
        };
        let inside = tables
            .iter()
            .filter(|table| !table.definition.temporary && table.definition.schema == schema.name);
        let megabytes: u64 = inside.map(|table| table.bytes().div_ceil(MEGABYTE)).sum();
        rows.push(vec![
            schema_oid(&schema).into(),
            schema.name.clone().into(),
            access.owner(on).into(),
            (*quota).into(),
            megabytes.into(),
            (*quota > 0).then(|| megabytes as f64 * 100.0 / *quota as f64).into(),
        ]);
    }
    Ok(rows)
}
