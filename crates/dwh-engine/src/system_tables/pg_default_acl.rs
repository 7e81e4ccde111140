//! pg_default_acl: what ALTER DEFAULT PRIVILEGES gives (the guide's page PG_DEFAULT_ACL).

use std::collections::BTreeMap;

use dwh_common::RedshiftType::{self, BigInt, Char, Integer};
use dwh_common::SqlError;
use dwh_storage::DefaultObjects;

use super::catalog::schema_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::acl::{array_text, items};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_default_acl",
    columns: &[
        ("oid", BigInt),
        ("defacluser", Integer),
        ("defaclnamespace", BigInt),
        ("defaclobjtype", Char(1)),
        ("defaclacl", RedshiftType::Varchar(65535)),
        ("defaclrole", Integer),
    ],
    rows,
};

/// Where the ids of the entries start.
const FIRST_OID: i64 = 600_000_000;

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let schemas = view.transaction.schemas();
    let mut entries: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (key, grant) in &access.default_privileges {
        let Some(grant) = grant.as_ref().filter(|_| view.sees_grantee(key.to)) else { continue };
        let entry = entries.entry((key.creator, key.schema, key.objects)).or_default();
        entry.push((key.privilege, key.to, grant.with_option, key.creator));
    }
    let mut rows = Vec::new();
    for (oid, ((creator, schema, objects), given)) in (FIRST_OID..).zip(entries) {
        let Some(given) = items(access, given.into_iter()) else { continue };
        let schema = schema.and_then(|id| schemas.iter().find(|schema| schema.id == id));
        rows.push(vec![
            oid.into(),
            creator.into(),
            schema.map_or(0, |schema| schema_oid(schema)).into(),
            // Procedures are functions of a kind.
            if objects == DefaultObjects::Relations { "r" } else { "f" }.into(),
            array_text(given.iter()).into(),
            creator.into(),
        ]);
    }
    Ok(rows)
}
