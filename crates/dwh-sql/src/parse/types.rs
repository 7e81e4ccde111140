//! Type names of column definitions (RS 3.3).

use dwh_common::{RedshiftType, SqlError, SqlState, TypeError};
use sqlparser::tokenizer::Token;

use crate::cursor::Cursor;
use crate::nearest::nearest;

/// Types of several words: the first word and what may follow it.
const LONG_NAMES: &[(&str, &[&str])] = &[
    ("double", &["precision"]),
    ("character", &["varying"]),
    ("char", &["varying"]),
    ("binary", &["varying"]),
    ("national", &["character"]),
];

const INTERVAL_UNITS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];

/// Reads a type.
pub(super) fn data_type(cursor: &mut Cursor<'_>) -> Result<RedshiftType, SqlError> {
    let position = cursor.position();
    let Some(first) = cursor.peek_word().map(str::to_owned) else {
        return cursor.expected("a type");
    };
    cursor.advance();
    let mut name = first;
    for (start, rest) in LONG_NAMES {
        if name == *start && cursor.eat(rest) {
            name = format!("{start} {}", rest.join(" "));
        }
    }
    if name == "interval"
        && let Some(first) = cursor.eat_one_of(&INTERVAL_UNITS)
    {
        name = format!("interval {first}");
        if cursor.eat(&["to"]) {
            match cursor.eat_one_of(&INTERVAL_UNITS) {
                Some(last) => name = format!("{name} to {last}"),
                None => return cursor.expected("a unit of time"),
            }
        }
    }
    let mut arguments = Vec::new();
    if cursor.at_parenthesis() {
        cursor.advance();
        arguments = cursor.comma_separated(argument)?;
        cursor.expect_token(&Token::RParen)?;
    }
    if matches!(name.as_str(), "time" | "timestamp") {
        for zone in ["with", "without"] {
            if cursor.eat(&[zone, "time", "zone"]) {
                name = format!("{name} {zone} time zone");
            }
        }
    }
    if *cursor.peek() == Token::LBracket {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            format!("Column type \"{name}[]\" is not supported"),
        )
        .at(position)
        .with_hint("Redshift has no arrays; use SUPER"));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    RedshiftType::from_sql_name(&name, &arguments).map_err(|error| type_error(&error).at(position))
}

fn argument(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    match cursor.advance() {
        Token::Number(text, _) => Ok(text),
        Token::Word(word) if word.value == "max" => Ok(word.value),
        other => Err(SqlError::new(SqlState::SyntaxError, format!("syntax error at or near \"{other}\""))
            .at(cursor.position())
            .with_detail("expected a length or MAX")),
    }
}

/// A [`TypeError`] for the client.
pub(crate) fn type_error(error: &TypeError) -> SqlError {
    let message = error.to_string();
    match error {
        TypeError::Unknown(name) => {
            let error = SqlError::new(SqlState::UndefinedObject, message);
            match nearest_type(name) {
                Some(near) => error.with_hint(format!("did you mean {near}?")),
                None => error,
            }
        }
        TypeError::Unsupported(name) => {
            let error = SqlError::new(SqlState::FeatureNotSupported, message);
            match name.as_str() {
                "serial" | "bigserial" => error.with_hint("use BIGINT IDENTITY(0, 1)"),
                "json" | "jsonb" => error.with_hint("use SUPER or VARCHAR"),
                "uuid" => error.with_hint("use CHAR(36)"),
                "bytea" => error.with_hint("use VARBYTE"),
                "interval" => error.with_hint("use INTERVAL YEAR TO MONTH or INTERVAL DAY TO SECOND"),
                _ => error,
            }
        }
        TypeError::Length { .. } | TypeError::Decimal { .. } | TypeError::Interval(_) => {
            SqlError::new(SqlState::InvalidParameterValue, message)
        }
    }
}

/// The type that a misspelled or foreign name most likely means.
fn nearest_type(name: &str) -> Option<&'static str> {
    const FOREIGN: &[(&str, &str)] = &[
        ("string", "VARCHAR"),
        ("tinyint", "SMALLINT"),
        ("mediumint", "INTEGER"),
        ("long", "BIGINT"),
        ("number", "NUMERIC"),
        ("varchar2", "VARCHAR"),
        ("clob", "VARCHAR(MAX)"),
        ("blob", "VARBYTE"),
    ];
    if let Some((_, ours)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        return Some(ours);
    }
    const NAMES: &[&str] = &[
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "NUMERIC",
        "DECIMAL",
        "REAL",
        "FLOAT",
        "BOOLEAN",
        "CHAR",
        "VARCHAR",
        "DATE",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "SUPER",
        "VARBYTE",
    ];
    nearest(name, NAMES)
}

#[cfg(test)]
mod tests {
    use super::nearest_type;

    #[test]
    fn misspelled_and_foreign_types_have_a_nearest_one() {
        assert_eq!(nearest_type("varchr"), Some("VARCHAR"));
        assert_eq!(nearest_type("string"), Some("VARCHAR"));
        assert_eq!(nearest_type("circle"), None);
    }
}
