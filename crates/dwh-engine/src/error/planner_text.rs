//! What DataFusion's planner says as text, in the words and SQLSTATEs of Redshift (those of PostgreSQL 8).

use dwh_common::{SqlError, SqlState};

use super::first_line;

/// The whole text of the planner's message, and what Redshift says instead.
const FIXED: &[(&str, SqlState, &str)] = &[
    (
        "Aggregate functions are not allowed in the WHERE clause",
        SqlState::GroupingError,
        "aggregates not allowed in WHERE clause",
    ),
    (
        "Aggregate function calls cannot be nested",
        SqlState::GroupingError,
        "aggregate function calls may not have nested aggregate or window function",
    ),
    (
        "Window function calls cannot be nested",
        SqlState::WindowingError,
        "window function calls may not be nested",
    ),
    (
        "Too many columns! The subquery should only return one column",
        SqlState::SyntaxError,
        "subquery must return only one column",
    ),
    ("LIMIT must be >= 0", SqlState::InvalidRowCountInLimitClause, "LIMIT must not be negative"),
    ("OFFSET must be >=0", SqlState::InvalidRowCountInOffsetClause, "OFFSET must not be negative"),
    ("Expected LIMIT to be an integer", SqlState::DatatypeMismatch, "argument of LIMIT must be type bigint"),
    (
        "Expected OFFSET to be an integer",
        SqlState::DatatypeMismatch,
        "argument of OFFSET must be type bigint",
    ),
];

/// The error of a message of the planner.
pub(super) fn from_plan(text: &str) -> SqlError {
    let text = first_line(text);
    if let Some((_, state, message)) = FIXED.iter().find(|(known, _, _)| text.starts_with(known)) {
        return SqlError::new(*state, *message);
    }
    function(&text)
        .or_else(|| grouping(&text))
        .or_else(|| position_outside(&text))
        .or_else(|| operator(&text))
        .or_else(|| not_boolean(&text))
        .or_else(|| other(&text))
        .unwrap_or_else(|| SqlError::new(state(&text), text))
}

/// A function that is not there, by name or by the types of its arguments.
fn function(text: &str) -> Option<SqlError> {
    if let Some(name) = between(text, "Invalid function '", "'") {
        if crate::functions::system::is_refused(name) {
            return Some(SqlError::unsupported(format!("function {name}")));
        }
        return Some(no_function(name));
    }
    let call = between(text, "No function matches the given name and argument types '", "'.")?;
    let (name, types) = call.strip_suffix(')')?.split_once('(')?;
    Some(no_function(&format!("{name}({})", types_of(types))))
}

fn no_function(call: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedFunction, format!("function {call} does not exist")).with_hint(
        "No function matches the given name and argument types. Check its spelling, or cast the arguments.",
    )
}

/// A column that is neither grouped nor aggregated.
fn grouping(text: &str) -> Option<SqlError> {
    let column = match between(text, "expanding wildcard, column \"", "\" must appear in") {
        Some(column) => column,
        None => between(text, "HAVING clause references: ", " must appear in")?,
    };
    let message =
        format!("column \"{column}\" must appear in the GROUP BY clause or be used in an aggregate function");
    Some(SqlError::new(SqlState::GroupingError, message))
}

/// `ORDER BY 9` or `GROUP BY 9` of fewer columns.
fn position_outside(text: &str) -> Option<SqlError> {
    let (clause, number) = match between(text, "Order by column out of bounds, specified: ", ",") {
        Some(number) => ("ORDER BY", number),
        None => ("GROUP BY", between(text, "Cannot find column with position ", " in SELECT clause")?),
    };
    let message = format!("{clause} position {number} is not in select list");
    Some(SqlError::new(SqlState::InvalidColumnReference, message))
}

/// An operator between two types that it does not take.
fn operator(text: &str) -> Option<SqlError> {
    const BEFORE: [&str; 4] = [
        "Cannot get result type for temporal operation ",
        "Cannot coerce arithmetic expression ",
        "Cannot infer common argument type for comparison operation ",
        "Cannot infer common argument type for operation ",
    ];
    let rest = BEFORE.iter().find_map(|before| text.split_once(before)).map(|(_, rest)| rest)?;
    let rest = rest.split(": ").next().unwrap_or(rest);
    let rest = rest.strip_suffix(" to valid types").unwrap_or(rest);
    let (left, rest) = first_type(rest);
    let (operator, right) = rest.trim().split_once(' ')?;
    let message = format!("operator does not exist: {} {operator} {}", type_name(left), type_name(right));
    let hint = "No operator matches the given name and argument types. Cast one side.";
    Some(SqlError::new(SqlState::UndefinedFunction, message).with_hint(hint))
}

/// A condition that is no truth value, and a sign before what has none.
fn not_boolean(text: &str) -> Option<SqlError> {
    let mismatch = |clause: &str, found: &str| {
        let message = format!("argument of {clause} must be type boolean, not type {}", type_name(found));
        SqlError::new(SqlState::DatatypeMismatch, message)
    };
    if let Some((_, found)) = text.rsplit_once(" returning ")
        && text.starts_with("Cannot create filter with non-boolean predicate")
    {
        return Some(mismatch("WHERE", found));
    }
    let found = text.strip_prefix("Unary operator 'NOT' requires a boolean expression, got ")?;
    Some(mismatch("NOT", found))
}

fn other(text: &str) -> Option<SqlError> {
    if let Some(table) = text.strip_prefix("Invalid qualifier ") {
        return Some(missing_table(table));
    }
    let kind = text.strip_suffix(" queries have different number of columns")?;
    let message = format!("each {kind} query must have the same number of columns");
    Some(SqlError::new(SqlState::SyntaxError, message))
}

/// A column of a table that FROM does not name.
pub(crate) fn missing_table(table: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedTable, format!("missing FROM-clause entry for table \"{table}\""))
}

/// What a client tells apart by SQLSTATE; the message itself stays DataFusion's.
fn state(text: &str) -> SqlState {
    if text.contains("GROUP BY") || text.contains("must appear in the") {
        SqlState::GroupingError
    } else if text.contains("No function matches") || text.contains("does not support") {
        SqlState::UndefinedFunction
    } else if text.contains("coerce") || text.contains("Cannot infer common argument type") {
        SqlState::DatatypeMismatch
    } else if text.contains("Unsupported") || text.contains("not supported") {
        SqlState::FeatureNotSupported
    } else {
        SqlState::SyntaxError
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &text[text.find(before)? + before.len()..];
    Some(&rest[..rest.find(after)?])
}

/// Splits off the first Arrow type, whose brackets may hold commas and spaces.
fn first_type(types: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, character) in types.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' | ' ' if depth == 0 => return types.split_at(at),
            _ => {}
        }
    }
    (types, "")
}

fn types_of(mut types: &str) -> String {
    let mut names = Vec::new();
    while !types.is_empty() {
        let (first, rest) = first_type(types);
        names.push(type_name(first));
        types = rest.trim_start_matches([',', ' ']);
    }
    names.join(", ")
}

/// The type's name in SQL of Arrow's name.
fn type_name(arrow: &str) -> String {
    let name = match arrow.split('(').next().unwrap_or(arrow).trim() {
        "Boolean" => "boolean",
        "Int16" => "smallint",
        "Int32" => "integer",
        "Int64" | "UInt64" => "bigint",
        "Float32" => "real",
        "Float64" => "double precision",
        "Decimal128" | "Decimal256" | "Decimal64" => "numeric",
        "Utf8" | "Utf8View" | "LargeUtf8" => "character varying",
        "BinaryView" => "geometry",
        "Binary" | "LargeBinary" => "binary varying",
        "Date32" => "date",
        "Time64" => "time without time zone",
        "Timestamp" if arrow.contains("None") || !arrow.contains(',') => "timestamp without time zone",
        "Timestamp" => "timestamp with time zone",
        "Interval" => "interval",
        "Null" => "unknown",
        other => return other.to_lowercase(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (&'static str, String) {
        let error = from_plan(text);
        (error.state.code(), error.message)
    }

    #[test]
    fn calls_and_operators_name_the_types_of_sql() {
        let text = "Execution error: Function 'max' failed. No function matches the given name and argument \
                    types 'max(Decimal128(3, 1), Utf8View)'. You might need to add explicit type casts.";
        let wanted = ("42883", "function max(numeric, character varying) does not exist".to_owned());
        assert_eq!(said(text), wanted);
        let text = "Cannot coerce arithmetic expression Date32 + Timestamp(Microsecond, None) to valid types";
        let wanted = "operator does not exist: date + timestamp without time zone";
        assert_eq!(said(text), ("42883", wanted.to_owned()));
        let text = "Cannot get result type for temporal operation Date32 * Int32: Invalid argument error: x";
        assert_eq!(said(text), ("42883", "operator does not exist: date * integer".to_owned()));
    }

    #[test]
    fn an_unknown_message_stays_as_it_is() {
        assert_eq!(said("The moon is Unsupported"), ("0A000", "The moon is Unsupported".to_owned()));
    }
}
