//! svv_redshift_functions: the functions that users made (the guide's page SVV_REDSHIFT_FUNCTIONS).

use dwh_common::RedshiftType::Varchar;
use dwh_common::SqlError;
use dwh_storage::{FunctionDefinition, Securable};

use super::rows::Value;
use super::types::{format_type, oid_and_modifier};
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::signature;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_redshift_functions",
    columns: &[
        ("database_name", Varchar(128)),
        ("schema_name", Varchar(128)),
        ("function_name", Varchar(128)),
        ("function_type", Varchar(128)),
        ("argument_type", Varchar(512)),
        ("result_type", Varchar(128)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    let row = |(id, function): (&i64, &FunctionDefinition)| {
        vec![
            view.database.into(),
            function.schema.clone().into(),
            function.name.clone().into(),
            "REGULAR FUNCTION".into(),
            signature(access, Securable::Function(*id)).into(),
            format_type(oid_and_modifier(function.returns).0, None).into(),
        ]
    };
    Ok(access.functions.iter().map(row).collect())
}
