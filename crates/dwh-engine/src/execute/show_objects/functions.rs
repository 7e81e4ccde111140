//! SHOW FUNCTIONS and SHOW PARAMETERS OF FUNCTION.

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_sql::statement::FunctionSignature;
use dwh_storage::FunctionDefinition;

use super::{Columns, Listing, NAME, TEXT, check_schema};
use crate::context::StatementContext;
use crate::execute::function;
use crate::system_tables::rows::Value;
use crate::system_tables::sizes;

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
        ("character_maximum_length", Integer),
        ("numeric_precision", Integer),
        ("numeric_scale", Integer),
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
        ]
        .into_iter()
        .chain(unsized_type(*data_type))
        .collect()
    };
    Ok((COLUMNS, result.chain(arguments).map(row).collect()))
}

/// A function's types have names, but no lengths, precisions and scales.
fn unsized_type(data_type: RedshiftType) -> [Value; 4] {
    let name = data_type.to_string();
    let [_, precision, scale] = sizes(data_type);
    let is_text = matches!(data_type, RedshiftType::Varchar(_) | RedshiftType::Char(_));
    let is_decimal = matches!(data_type, RedshiftType::Decimal { .. });
    [
        name.split('(').next().unwrap_or_default().into(),
        is_text.then_some(-1).into(),
        if is_decimal { Value::Null } else { precision },
        if is_decimal { Value::Null } else { scale },
    ]
}
