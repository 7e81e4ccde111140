//! Functions and procedures by number and by name: what `regproc` and `regprocedure` mean, and how one is told in full. Those
//! that users made, and those of the system that pg_proc lists.

use std::result::Result;

use dwh_common::{SqlError, SqlState};
use dwh_sql::keywords::quote_ident;
use dwh_storage::{FunctionDefinition, ProcedureDefinition, Volatility};

use super::{Answer, Argument, CatalogView, number};
use crate::execute::{procedure_argument_text, procedure_definition_text, procedure_result};
use crate::system_tables::built_in::{BuiltInFunction, FUNCTIONS};
use crate::system_tables::types::{self, format_type, oid_and_modifier};
use crate::system_tables::{argument_oid, function_oid};

/// A function of either kind, or a stored procedure.
enum Procedure<'a> {
    Made(&'a FunctionDefinition),
    Stored(&'a ProcedureDefinition),
    BuiltIn(&'static BuiltInFunction),
}

impl Procedure<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Made(function) => &function.name,
            Self::Stored(procedure) => &procedure.name,
            Self::BuiltIn(function) => function.name,
        }
    }

    fn arguments(&self) -> Vec<i64> {
        match self {
            Self::Made(function) => {
                function.arguments.iter().map(|argument| oid_and_modifier(*argument).0).collect()
            }
            Self::Stored(procedure) => {
                procedure.inputs().map(|argument| argument_oid(argument.data_type)).collect()
            }
            Self::BuiltIn(function) => {
                function.arguments.split_whitespace().filter_map(|oid| oid.parse().ok()).collect()
            }
        }
    }

    /// The schema of what users made.
    fn schema(&self) -> Option<&str> {
        match self {
            Self::Made(function) => Some(&function.schema),
            Self::Stored(procedure) => Some(&procedure.schema),
            Self::BuiltIn(_) => None,
        }
    }

    fn signature(&self) -> String {
        if let Self::Stored(procedure) = self {
            return procedure.signature();
        }
        let arguments = self.arguments().into_iter().map(|oid| format_type(oid, None));
        arguments.collect::<Vec<_>>().join(", ")
    }

    fn result(&self) -> String {
        match self {
            Self::Made(function) => format_type(oid_and_modifier(function.returns).0, None),
            Self::Stored(procedure) => procedure_result(procedure).unwrap_or_else(|| "void".to_owned()),
            Self::BuiltIn(function) if function.returns_set => {
                format!("SETOF {}", format_type(function.returns, None))
            }
            Self::BuiltIn(function) => format_type(function.returns, None),
        }
    }
}

fn all(view: &CatalogView) -> impl Iterator<Item = (i64, Procedure<'_>)> {
    let made = view.principals.access.functions.iter();
    let made = made.map(|(id, function)| (function_oid(*id), Procedure::Made(function)));
    let stored = view.principals.access.procedures.iter();
    let stored = stored.map(|(id, procedure)| (function_oid(*id), Procedure::Stored(procedure)));
    made.chain(stored).chain(FUNCTIONS.iter().map(|function| (function.oid, Procedure::BuiltIn(function))))
}

fn find<'a>(view: &'a CatalogView, oid: Argument<'_>) -> Option<Procedure<'a>> {
    let oid = number(oid)?;
    all(view).find(|(known, _)| *known == oid).map(|(_, procedure)| procedure)
}

/// A function as regprocedure prints it: with the types of its arguments.
pub(super) fn regprocedure(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer, SqlError> {
    let text = |oid: &str| {
        let Some(procedure) = find(view, Some(oid)) else { return oid.to_owned() };
        let schema = match procedure.schema() {
            Some(schema) if !view.catalog.visible_schemas().any(|visible| visible == schema) => {
                format!("{schema}.")
            }
            _ => String::new(),
        };
        format!("{schema}{}({})", procedure.name(), procedure.signature())
    };
    Ok(Answer::Text(arguments[0].map(text)))
}

/// The number of the function that a name means, `lower` or `lower(text)`, with its schema or without.
pub(super) fn oid_of_name(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer, SqlError> {
    let Some(written) = arguments[0] else { return Ok(Answer::Number(None)) };
    let (name, types) = match written.split_once('(') {
        Some((name, types)) => (name, Some(types.trim_end().trim_end_matches(')'))),
        None => (written, None),
    };
    let (schema, name) = match name.trim().rsplit_once('.') {
        Some((schema, name)) => (Some(schema.trim_matches('"')), name),
        None => (None, name.trim()),
    };
    let name = name.trim_matches('"').to_ascii_lowercase();
    let types = types.map(|types| types.split(',').map(str::trim).filter(|name| !name.is_empty()));
    let types: Option<Vec<Option<i64>>> =
        types.map(|names| names.map(|name| types::named(name).map(|known| known.oid)).collect());
    let is_meant = |procedure: &Procedure<'_>| {
        procedure.name() == name
            && schema.is_none_or(|schema| procedure.schema().unwrap_or("pg_catalog") == schema)
            && types.as_ref().is_none_or(|types| {
                let own = procedure.arguments();
                own.len() == types.len() && own.iter().zip(types).all(|(own, named)| Some(*own) == *named)
            })
    };
    let found: Vec<i64> =
        all(view).filter(|(_, procedure)| is_meant(procedure)).map(|(oid, _)| oid).collect();
    let refused = |state, message: String| Err(SqlError::new(state, message));
    match found[..] {
        [oid] => Ok(Answer::Number(Some(oid))),
        [] => refused(SqlState::UndefinedFunction, format!("function \"{written}\" does not exist")),
        _ => refused(SqlState::AmbiguousFunction, format!("more than one function named \"{written}\"")),
    }
}

pub(super) fn arguments(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer, SqlError> {
    let text = |procedure: Procedure<'_>| match procedure {
        Procedure::Stored(stored) => {
            stored.arguments.iter().map(procedure_argument_text).collect::<Vec<_>>().join(", ")
        }
        other => other.signature(),
    };
    Ok(Answer::Text(find(view, arguments[0]).map(text)))
}

pub(super) fn result(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer, SqlError> {
    Ok(Answer::Text(find(view, arguments[0]).map(|procedure| procedure.result())))
}

/// The statement that makes it; PostgreSQL tells that of its own functions too.
pub(super) fn definition(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer, SqlError> {
    let text = |procedure: Procedure<'_>| {
        let (schema, language, body, volatility) = match &procedure {
            Procedure::Stored(stored) => return procedure_definition_text(stored),
            Procedure::Made(function) => (
                function.schema.as_str(),
                "sql",
                function.body.as_str(),
                match function.volatility {
                    Volatility::Volatile => "VOLATILE",
                    Volatility::Stable => "STABLE",
                    Volatility::Immutable => "IMMUTABLE",
                },
            ),
            Procedure::BuiltIn(function) => (
                "pg_catalog",
                "internal",
                function.name,
                match function.volatility {
                    "i" => "IMMUTABLE",
                    "s" => "STABLE",
                    _ => "VOLATILE",
                },
            ),
        };
        format!(
            "CREATE OR REPLACE FUNCTION {schema}.{}({})\n RETURNS {}\n LANGUAGE {language}\n {volatility}\n\
             AS $function${body}$function$\n",
            quote_ident(procedure.name()),
            procedure.signature(),
            procedure.result(),
        )
    };
    Ok(Answer::Text(find(view, arguments[0]).map(text)))
}
