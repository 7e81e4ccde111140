//! SHOW FUNCTIONS and SHOW PARAMETERS OF FUNCTION.

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_sql::statement::FunctionSignature;
use dwh_storage::FunctionDefinition;

use super::{Columns, Listing, NAME, TEXT, check_schema};
use crate::context::StatementContext;
use crate::execute::function;

pub(super) fn functions(
    context: &StatementContext<'_>,
    database: Option<&str>,
    schema: &str,
) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("function_name", NAME),
        ("number_of_arguments", Integer),
        ("argument_list", TEXT),
        ("return_type", NAME),
        ("remarks", TEXT),
    ];
    check_schema(context, database, schema)?;
    let access = context.transaction.access();
    let row = |(id, function): (&i64, &FunctionDefinition)| {
        let arguments: Vec<String> = function.arguments.iter().map(ToString::to_string).collect();
        vec![
            context.engine.database().into(),
            schema.into(),
            function.name.as_str().into(),
            (function.arguments.len() as i64).into(),
            arguments.join(", ").into(),
            function.returns.to_string().into(),
            access.comments.get(&format!("function {id}")).cloned().into(),
        ]
    };
    Ok((COLUMNS, access.functions.iter().filter(|(_, f)| f.schema == schema).map(row).collect()))
}

pub(super) fn parameters(
    context: &StatementContext<'_>,
    signature: &FunctionSignature,
) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("function_name", NAME),
        ("parameter_name", NAME),
        ("ordinal_position", Integer),
        ("parameter_type", NAME),
        ("data_type", NAME),
        ("is_result", Boolean),
    ];
    let id = function::resolve(context, signature)?;
    let function = &context.transaction.access().functions[&id];
    let result = std::iter::once((0, "RETURN", &function.returns));
    let arguments = (1_i64..).zip(&function.arguments).map(|(place, data_type)| (place, "IN", data_type));
    let row = |(place, kind, data_type): (i64, &str, &RedshiftType)| {
        vec![
            context.engine.database().into(),
            function.schema.as_str().into(),
            function.name.as_str().into(),
            "".into(),
            place.into(),
            kind.into(),
            data_type.to_string().into(),
            (place == 0).into(),
        ]
    };
    Ok((COLUMNS, result.chain(arguments).map(row).collect()))
}
