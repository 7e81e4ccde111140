//! From DataFusion's and storage's errors to the one that a SQL client sees.

use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, SchemaError};
use dwh_common::{SqlError, SqlState};

mod planner_text;

pub(crate) use planner_text::missing_table;

/// A SQL error on its way through DataFusion, which [`from_datafusion`] finds again.
pub(crate) fn into_datafusion(error: SqlError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The SQL error of a DataFusion error. `text` is the statement as submitted: it turns the line and
/// column of a diagnostic into a character position.
pub(crate) fn from_datafusion(error: &DataFusionError, text: &str) -> SqlError {
    if let Some(known) = sql_error_inside(error) {
        return known;
    }
    let mut result = translate(error);
    if result.position.is_none()
        && let Some(span) = error.diagnostic().and_then(|diagnostic| diagnostic.span)
    {
        result.position = position(text, span.start.line, span.start.column);
    }
    result
}

/// The 1-based character position of a 1-based line and column.
pub(crate) fn position(text: &str, line: u64, column: u64) -> Option<usize> {
    if line == 0 {
        return None;
    }
    let before: usize = text.split('\n').take(line as usize - 1).map(|line| line.chars().count() + 1).sum();
    Some(before + column as usize)
}

fn sql_error_inside(error: &DataFusionError) -> Option<SqlError> {
    match error {
        DataFusionError::External(inner) => sql_error_of(inner.as_ref()),
        DataFusionError::ArrowError(inner, _) => match inner.as_ref() {
            ArrowError::ExternalError(inner) => sql_error_of(inner.as_ref()),
            _ => None,
        },
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => sql_error_inside(inner),
        DataFusionError::Shared(inner) => sql_error_inside(inner),
        DataFusionError::Collection(all) => all.iter().find_map(sql_error_inside),
        _ => None,
    }
}

fn sql_error_of(error: &(dyn std::error::Error + 'static)) -> Option<SqlError> {
    if let Some(sql) = error.downcast_ref::<SqlError>() {
        return Some(sql.clone());
    }
    error.downcast_ref::<DataFusionError>().and_then(sql_error_inside)
}

fn translate(error: &DataFusionError) -> SqlError {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => translate(inner),
        DataFusionError::Shared(inner) => translate(inner),
        DataFusionError::Collection(all) => match all.first() {
            Some(first) => translate(first),
            None => SqlError::internal("an error without a text"),
        },
        DataFusionError::SchemaError(schema, _) => from_schema(schema),
        DataFusionError::ArrowError(arrow, _) => from_arrow(arrow),
        DataFusionError::NotImplemented(text) => from_not_implemented(text),
        DataFusionError::ResourcesExhausted(text) => SqlError::new(SqlState::OutOfMemory, first_line(text))
            .with_hint("Give the engine more memory, or let the statement read less at once."),
        DataFusionError::IoError(inner) => SqlError::new(SqlState::IoError, inner.to_string()),
        DataFusionError::ObjectStore(inner) => SqlError::new(SqlState::IoError, inner.to_string()),
        DataFusionError::ParquetError(inner) => SqlError::new(SqlState::IoError, inner.to_string()),
        DataFusionError::Plan(text) => planner_text::from_plan(text),
        DataFusionError::SQL(inner, _) => SqlError::new(SqlState::SyntaxError, inner.to_string()),
        DataFusionError::Execution(text)
            if text.starts_with("Scalar subquery returned more than one row") =>
        {
            more_than_one_row()
        }
        DataFusionError::Execution(text) => SqlError::new(SqlState::InvalidParameterValue, first_line(text)),
        other => SqlError::internal(first_line(&other.strip_backtrace())),
    }
}

/// A scalar sub-query with several rows.
pub(crate) fn more_than_one_row() -> SqlError {
    let message = "more than one row returned by a subquery used as an expression";
    SqlError::new(SqlState::CardinalityViolation, message)
}

fn from_schema(error: &SchemaError) -> SqlError {
    match error {
        SchemaError::FieldNotFound { field, .. } => {
            let name = match &field.relation {
                Some(relation) => format!("{}.{}", relation.table(), field.name),
                None => field.name.clone(),
            };
            SqlError::new(SqlState::UndefinedColumn, format!("column \"{name}\" does not exist"))
        }
        SchemaError::AmbiguousReference { field } => SqlError::new(
            SqlState::AmbiguousColumn,
            format!("column reference \"{}\" is ambiguous", field.name),
        )
        .with_hint("Put the table's name or alias in front of the column."),
        SchemaError::DuplicateUnqualifiedField { name }
        | SchemaError::DuplicateQualifiedField { name, .. } => {
            SqlError::new(SqlState::DuplicateColumn, format!("column \"{name}\" specified more than once"))
        }
    }
}

fn from_arrow(error: &ArrowError) -> SqlError {
    match error {
        ArrowError::DivideByZero => SqlError::new(SqlState::DivisionByZero, "Divide by zero"),
        ArrowError::ArithmeticOverflow(text) => {
            SqlError::new(SqlState::NumericValueOutOfRange, format!("Numeric data overflow: {text}"))
        }
        ArrowError::CastError(text) | ArrowError::ParseError(text) => {
            SqlError::new(SqlState::InvalidTextRepresentation, text.clone())
        }
        ArrowError::InvalidArgumentError(text) | ArrowError::ComputeError(text) => {
            SqlError::new(SqlState::InvalidParameterValue, text.clone())
        }
        ArrowError::NotYetImplemented(text) => SqlError::new(SqlState::FeatureNotSupported, text.clone()),
        other => SqlError::internal(other.to_string()),
    }
}

/// What DataFusion's planner leaves of a sub-query that it could not turn into a join is an expression
/// that it prints as its own value.
fn from_not_implemented(text: &str) -> SqlError {
    let Some((_, expression)) = text.split_once("Physical plan does not support logical expression ") else {
        return SqlError::new(SqlState::FeatureNotSupported, first_line(text));
    };
    if expression.starts_with("WindowFunction") {
        return SqlError::new(SqlState::WindowingError, "window functions not allowed in WHERE clause")
            .with_hint("Compute it in a sub-query, or use QUALIFY.");
    }
    let (what, instead) = if expression.starts_with("Exists") {
        ("EXISTS outside WHERE", "join the sub-query, or compare its COUNT(*) with 0")
    } else if expression.starts_with("InSubquery") {
        ("IN (SELECT …) outside WHERE", "join the sub-query, or use it in WHERE")
    } else if expression.starts_with("ScalarSubquery") {
        ("this type of correlated sub-query", "join the sub-query, grouped by the columns it is compared on")
    } else {
        ("this expression", "write it in another way")
    };
    SqlError::unsupported(what).with_hint(instead)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sql_error_survives_its_way_through_datafusion() {
        let inner = SqlError::new(SqlState::DivisionByZero, "Divide by zero").at(7);
        let wrapped = into_datafusion(inner.clone()).context("while evaluating").context("more");
        assert_eq!(from_datafusion(&wrapped, ""), inner);
    }

    #[test]
    fn lines_and_columns_become_positions() {
        assert_eq!(position("select\n  nope", 2, 3), Some(10));
        assert_eq!(position("sélect nope", 1, 8), Some(8));
    }
}
