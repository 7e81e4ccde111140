//! Runs stored procedures (the guide's chapter "Creating stored procedures"): an interpreter of [`dwh_sql::plpgsql`]
//! whose SQL and expressions go through the session that called, variables as literals of their types.

mod block;
mod commands;
mod conditionals;
mod cursors;
mod interpreter;
mod loops;
mod raise;
mod signature;
mod value;
mod variables;

use dwh_common::SqlError;
use dwh_storage::ProcedureDefinition;

use self::interpreter::Interpreter;
pub(crate) use self::signature::{argument_query, argument_values, output_query, output_schema, resolve};
pub(crate) use self::value::Value;
use crate::session::Caller;

/// Runs a procedure with values of its input arguments; gives back its output arguments.
///
/// # Errors
/// What is wrong in it, with its lines in the context.
pub(crate) async fn run(
    caller: &mut Caller<'_>,
    definition: &ProcedureDefinition,
    values: Vec<Value>,
) -> Result<Vec<Value>, SqlError> {
    let names: Vec<_> = definition.arguments.iter().map(|argument| argument.name.clone()).collect();
    let body = dwh_sql::plpgsql::parse_body(
        &definition.body,
        &definition.name,
        &names,
        definition.nonatomic,
        caller.has_case_sensitive_names(),
    )
    .map_err(|error| SqlError { position: None, ..error })?;
    let mut interpreter = Interpreter::new(caller, definition, &body);
    interpreter.bind_arguments(values).await?;
    interpreter.run().await?;
    Ok(interpreter.outputs())
}
