//! SHOW PROCEDURE, SHOW PROCEDURES and SHOW PARAMETERS OF PROCEDURE (the guide's pages of these names).

use dwh_common::{ArgumentMode, ArgumentType, RedshiftType, SqlError};
use dwh_sql::keywords::{quote_ident, quote_literal};
use dwh_sql::statement::ProcedureSignature;
use dwh_storage::{Argument, ProcedureDefinition};

use super::procedure::resolve;
use crate::context::StatementContext;
use crate::system_tables::rows::Value;
use crate::system_tables::sizes;

const NAME: RedshiftType = RedshiftType::Varchar(127);
const TEXT: RedshiftType = RedshiftType::Varchar(65535);

/// Columns of SHOW PROCEDURES.
pub(super) const COLUMNS: &[(&str, RedshiftType)] = &[
    ("database_name", NAME),
    ("schema_name", NAME),
    ("procedure_name", NAME),
    ("number_of_arguments", RedshiftType::Integer),
    ("argument_list", TEXT),
    ("return_type", TEXT),
    ("remarks", TEXT),
];

/// The column of SHOW PROCEDURE.
pub(super) const DEFINITION_COLUMNS: &[(&str, RedshiftType)] = &[("Stored Procedure Definition", TEXT)];

/// Columns of SHOW PARAMETERS OF PROCEDURE.
pub(super) const PARAMETER_COLUMNS: &[(&str, RedshiftType)] = &[
    ("database_name", NAME),
    ("schema_name", NAME),
    ("procedure_name", NAME),
    ("parameter_name", NAME),
    ("ordinal_position", RedshiftType::Integer),
    ("parameter_type", NAME),
    ("data_type", NAME),
    ("character_maximum_length", RedshiftType::Integer),
    ("numeric_precision", RedshiftType::Integer),
    ("numeric_scale", RedshiftType::Integer),
];

pub(super) fn rows(context: &StatementContext<'_>, schema: &str) -> Vec<Vec<Value>> {
    let access = context.transaction.access();
    let row = |(id, procedure): (&i64, &ProcedureDefinition)| {
        vec![
            context.engine.database().into(),
            schema.into(),
            procedure.name.as_str().into(),
            (procedure.inputs().count() as i64).into(),
            procedure.signature().into(),
            results(procedure).into(),
            access.comments.get(&format!("procedure {id}")).cloned().into(),
        ]
    };
    let mut procedures: Vec<_> =
        access.procedures.iter().filter(|(_, procedure)| procedure.schema == schema).collect();
    procedures.sort_by_key(|(_, procedure)| procedure.name.as_str());
    procedures.into_iter().map(row).collect()
}

/// The types of what a procedure gives back, each.
fn results(procedure: &ProcedureDefinition) -> Option<String> {
    let names: Vec<String> = procedure.outputs().map(|output| output.data_type.name()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The type of what a procedure gives back, as a catalog tells it.
pub(crate) fn result(procedure: &ProcedureDefinition) -> Option<String> {
    let mut outputs = procedure.outputs();
    match (outputs.next(), outputs.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.data_type.name()),
        _ => Some("record".to_owned()),
    }
}

/// `INOUT f2 character varying`.
pub(crate) fn argument_text(argument: &Argument) -> String {
    let mode = (argument.mode != ArgumentMode::In).then(|| argument.mode.name().to_owned());
    let name = argument.name.as_deref().map(quote_ident);
    let parts = mode.into_iter().chain(name).chain([argument.data_type.name()]);
    parts.collect::<Vec<_>>().join(" ")
}

/// The statement that makes the procedure.
pub(crate) fn definition_text(procedure: &ProcedureDefinition) -> String {
    let arguments: Vec<String> = procedure.arguments.iter().map(argument_text).collect();
    let name = format!("{}.{}", quote_ident(&procedure.schema), quote_ident(&procedure.name));
    let mut quotes = (0..).map(|number| if number == 0 { "$_$".to_owned() } else { format!("$_{number}$") });
    let quote = quotes.find(|quote| !procedure.body.contains(quote)).unwrap_or_default();
    let mode = if procedure.nonatomic { "\nNONATOMIC" } else { "" };
    let security = if procedure.security_definer { "\nSECURITY DEFINER" } else { "" };
    let settings: String = procedure
        .settings
        .iter()
        .map(|(name, value)| format!("\nSET {name} TO {}", quote_literal(value)))
        .collect();
    format!(
        "CREATE OR REPLACE PROCEDURE {name}({}){mode}\nLANGUAGE plpgsql\nAS {quote}{}{quote}{security}{settings}",
        arguments.join(", "),
        procedure.body,
    )
}

/// SHOW PROCEDURE.
pub(super) fn definition(
    context: &StatementContext<'_>,
    signature: &ProcedureSignature,
) -> Result<Vec<Vec<Value>>, SqlError> {
    let id = resolve(context, signature)?;
    Ok(vec![vec![definition_text(&context.transaction.access().procedures[&id]).into()]])
}

/// SHOW PARAMETERS OF PROCEDURE.
pub(super) fn parameters(
    context: &StatementContext<'_>,
    signature: &ProcedureSignature,
) -> Result<Vec<Vec<Value>>, SqlError> {
    let id = resolve(context, signature)?;
    let procedure = &context.transaction.access().procedures[&id];
    let row = |(place, argument): (i64, &Argument)| {
        vec![
            context.engine.database().into(),
            procedure.schema.as_str().into(),
            procedure.name.as_str().into(),
            argument.name.clone().unwrap_or_default().into(),
            place.into(),
            argument.mode.name().into(),
            argument.data_type.name().into(),
        ]
        .into_iter()
        .chain(match argument.data_type {
            ArgumentType::Value(data_type) => sizes(data_type),
            ArgumentType::RefCursor => [Value::Null, Value::Null, Value::Null],
        })
        .collect()
    };
    Ok((1..).zip(&procedure.arguments).map(row).collect())
}
