//! svv_column_privileges: who has which privilege on columns (the guide's page SVV_COLUMN_PRIVILEGES).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::privileges::{Granted, granted};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_column_privileges",
    columns: &[
        ("namespace_name", TEXT),
        ("relation_name", TEXT),
        ("column_name", TEXT),
        ("privilege_type", TEXT),
        ("identity_id", Integer),
        ("identity_name", TEXT),
        ("identity_type", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |granted: Granted| {
        vec![
            granted.schema.into(),
            granted.name.into(),
            granted.column.into(),
            granted.privilege.into(),
            granted.identity_id.into(),
            granted.identity_name.into(),
            granted.identity_type.into(),
        ]
    };
    let granted = granted(view, |on| matches!(on, Securable::Column(..)));
    Ok(granted.into_iter().map(row).collect())
}
