//! svv_function_privileges: who may call which function or procedure (the guide's page SVV_FUNCTION_PRIVILEGES).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::privileges::{Granted, granted};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_function_privileges",
    columns: &[
        ("namespace_name", TEXT),
        ("function_name", TEXT),
        ("argument_types", TEXT),
        ("privilege_type", TEXT),
        ("identity_id", Integer),
        ("identity_name", TEXT),
        ("identity_type", TEXT),
        ("admin_option", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |granted: Granted| {
        vec![
            granted.schema.into(),
            granted.name.into(),
            granted.arguments.into(),
            granted.privilege.into(),
            granted.identity_id.into(),
            granted.identity_name.into(),
            granted.identity_type.into(),
            granted.with_option.into(),
        ]
    };
    let granted = granted(view, |on| matches!(on, Securable::Function(_) | Securable::Procedure(_)));
    Ok(granted.into_iter().map(row).collect())
}
