//! svv_redshift_functions: the functions and procedures that users made (the guide's page SVV_REDSHIFT_FUNCTIONS).

use dwh_common::RedshiftType::Varchar;
use dwh_common::SqlError;
use dwh_storage::{FunctionDefinition, ProcedureDefinition, Securable};

use super::rows::Value;
use super::types::{format_type, oid_and_modifier};
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::signature;
use crate::execute::procedure_result;

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
    let procedure = |procedure: &ProcedureDefinition| {
        vec![
            view.database.into(),
            procedure.schema.clone().into(),
            procedure.name.clone().into(),
            "STORED PROCEDURE".into(),
            procedure.signature().into(),
            procedure_result(procedure).into(),
        ]
    };
    let functions = access.functions.iter().map(row);
    Ok(functions.chain(access.procedures.values().map(procedure)).collect())
}
