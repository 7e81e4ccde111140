//! svv_default_privileges: what ALTER DEFAULT PRIVILEGES gives (the guide's page SVV_DEFAULT_PRIVILEGES).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::{DefaultObjects, Grantee};

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::identity;

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_default_privileges",
    columns: &[
        ("schema_name", TEXT),
        ("object_type", TEXT),
        ("owner_id", Integer),
        ("owner_name", TEXT),
        ("owner_type", TEXT),
        ("privilege_type", TEXT),
        ("grantee_id", Integer),
        ("grantee_name", TEXT),
        ("grantee_type", TEXT),
        ("admin_option", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let schemas = view.transaction.schemas();
    let schema_name =
        |id: i64| schemas.iter().find(|schema| schema.id == id).map(|schema| schema.name.clone());
    let mut rows = Vec::new();
    for (key, grant) in &access.default_privileges {
        let Some(grant) = grant.as_ref().filter(|_| view.sees_grantee(key.to)) else { continue };
        let (grantee_id, grantee_type) = identity(key.to);
        rows.push(vec![
            key.schema.and_then(schema_name).into(),
            match key.objects {
                DefaultObjects::Relations => "RELATION",
                DefaultObjects::Functions => "FUNCTION",
                DefaultObjects::Procedures => "PROCEDURE",
            }
            .into(),
            key.creator.into(),
            access.grantee_name(Grantee::User(key.creator)).into(),
            "user".into(),
            key.privilege.name().into(),
            grantee_id.into(),
            access.grantee_name(key.to).into(),
            grantee_type.into(),
            grant.with_option.into(),
        ]);
    }
    Ok(rows)
}
