//! Which procedure a call means: the name, the number of its input arguments and their types.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use dwh_common::{ArgumentType, RedshiftType, SqlError};
use dwh_sql::keywords::quote_ident;
use dwh_sql::statement::TableName;
use dwh_storage::{Argument, Privilege, ProcedureDefinition, ProcedureId, Securable};
use sqlparser::ast;

use super::value::{Value, first_row};
use crate::access::{allow, denied};
use crate::context::StatementContext;
use crate::execute::{procedures_named, undefined_procedure};
use crate::result::ResultSet;

/// The query that evaluates the arguments of a call; `None` if it has none.
pub(crate) fn argument_query(arguments: &[ast::Expr]) -> Option<String> {
    let written: Vec<String> = arguments.iter().map(dwh_sql::to_sql).collect();
    (!written.is_empty()).then(|| format!("SELECT {}", written.join(", ")))
}

/// The values of the arguments. What is a plain literal in quotes has no type of its own.
pub(crate) fn argument_values(arguments: &[ast::Expr], row: &ResultSet) -> Result<Vec<Value>, SqlError> {
    let values = first_row(row)?.into_iter().zip(arguments).map(|((_, value), argument)| {
        let is_plain = matches!(
            argument,
            ast::Expr::Value(value) if matches!(
                value.value,
                ast::Value::SingleQuotedString(_) | ast::Value::EscapedStringLiteral(_) | ast::Value::Null
            )
        );
        if is_plain { Value { data_type: None, ..value } } else { value }
    });
    Ok(values.collect())
}

/// The procedure of that name that takes these values, if the user may run it.
///
/// # Errors
/// 42883 if there is none, 42501 if the user has no EXECUTE on it.
pub(crate) fn resolve(
    context: &StatementContext<'_>,
    name: &TableName,
    values: &[Value],
) -> Result<ProcedureId, SqlError> {
    let procedures = &context.transaction.access().procedures;
    let cost = |id: &ProcedureId| -> Option<u32> {
        let procedure = &procedures[id];
        if procedure.inputs().count() != values.len() {
            return None;
        }
        procedure.inputs().zip(values).map(|(argument, value)| distance(value, argument.data_type)).sum()
    };
    let candidates = procedures_named(context, name);
    let nearest =
        candidates.into_iter().filter_map(|id| Some((cost(&id)?, id))).min_by_key(|(cost, _)| *cost);
    let Some((_, id)) = nearest else {
        let types: Vec<String> = values.iter().map(type_name).collect();
        return Err(undefined_procedure(name, Some(&types.join(", "))).with_hint(
            "No procedure matches the given name and argument types. You may need to add explicit type casts.",
        ));
    };
    let rights = context.rights();
    rights.check_schema(&procedures[&id].schema, Privilege::USAGE)?;
    allow(rights.has(Securable::Procedure(id), Privilege::EXECUTE), || denied("procedure", &name.name))?;
    Ok(id)
}

fn type_name(value: &Value) -> String {
    value.data_type.map_or_else(|| "unknown".to_owned(), |data_type| ArgumentType::Value(data_type).name())
}

/// How far a value's type is from an argument's; `None` if it is not converted.
fn distance(value: &Value, wanted: ArgumentType) -> Option<u32> {
    use RedshiftType::{
        BigInt, Boolean, Char, Date, Decimal, Double, Integer, Real, SmallInt, Super, Timestamp, TimestampTz,
        Varchar,
    };
    // A text is a text before it is the name of a cursor.
    let is_text = matches!(wanted, ArgumentType::Value(Char(_) | Varchar(_)));
    let wanted = wanted.value_type();
    let given = match value.data_type {
        Some(given) if value.text.is_some() || !matches!(given, Varchar(_)) => given,
        // NULL and plain literals are any type, text first.
        _ => return Some(u32::from(!is_text)),
    };
    let width = |data_type: RedshiftType| -> u32 {
        match data_type {
            SmallInt => 1,
            Integer => 2,
            BigInt => 3,
            Decimal { .. } => 4,
            Double => 5,
            Real => 6,
            _ => 0,
        }
    };
    if std::mem::discriminant(&given) == std::mem::discriminant(&wanted) {
        return Some(u32::from(matches!(wanted, Varchar(_)) && !is_text));
    }
    match (given, wanted) {
        (Char(_), Varchar(_)) | (Varchar(_), Char(_)) => Some(1),
        (from, to) if width(from) > 0 && width(to) > 0 => match width(to).checked_sub(width(from)) {
            Some(wider) => Some(wider),
            None => Some(10 + width(from) - width(to)),
        },
        (Date, Timestamp) | (Timestamp, TimestampTz) => Some(1),
        (Date, TimestampTz) => Some(2),
        (Timestamp | TimestampTz, Date) | (TimestampTz, Timestamp) => Some(12),
        (SmallInt | Integer | BigInt, Boolean) => Some(12),
        (Boolean, _) | (_, Boolean) if !matches!(given, Char(_) | Varchar(_)) => None,
        (Char(_) | Varchar(_), _) | (Super, _) => Some(20),
        (_, Char(_) | Varchar(_) | Super) => Some(30),
        _ => None,
    }
}

/// The columns of a call's row: the output arguments by their names, or by their places.
fn columns(definition: &ProcedureDefinition) -> impl Iterator<Item = (String, &Argument)> {
    (1..).zip(definition.outputs()).map(|(place, argument)| {
        (argument.name.clone().unwrap_or_else(|| format!("column{place}")), argument)
    })
}

/// The labels and types of a call's row.
pub(crate) fn output_schema(definition: &ProcedureDefinition) -> SchemaRef {
    let field = |(name, argument): (String, &Argument)| argument.data_type.value_type().field(name, true);
    Arc::new(Schema::new(columns(definition).map(field).collect::<Vec<_>>()))
}

/// The query that gives the one row that a call answers with.
pub(crate) fn output_query(definition: &ProcedureDefinition, values: &[Value]) -> String {
    let column = |((name, _), value): ((String, &Argument), &Value)| {
        format!("{} AS {}", value.literal_of_type(), quote_ident(&name))
    };
    let columns: Vec<String> = columns(definition).zip(values).map(column).collect();
    format!("SELECT {}", columns.join(", "))
}
