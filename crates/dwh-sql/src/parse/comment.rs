//! COMMENT ON.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::grant::signature;
use super::procedure::procedure_signature;
use crate::cursor::Cursor;
use crate::statement::{CommentTarget, Statement, TableName};

const KINDS: &[&str] =
    &["table", "view", "column", "schema", "database", "function", "procedure", "constraint"];

/// `COMMENT ON {TABLE | VIEW | COLUMN | CONSTRAINT | DATABASE | FUNCTION | PROCEDURE | SCHEMA} name IS {'text' | NULL}`.
pub(super) fn comment(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["comment", "on"])?;
    let position = cursor.position();
    let on = match cursor.eat_one_of(KINDS) {
        Some("table") => CommentTarget::Table(cursor.table_name()?),
        Some("view") => CommentTarget::View(cursor.table_name()?),
        Some("column") => column(cursor)?,
        Some("database") => CommentTarget::Database(cursor.name()?),
        Some("function") => CommentTarget::Function(signature(cursor)?),
        Some("procedure") => CommentTarget::Procedure(procedure_signature(cursor)?),
        Some("constraint") => {
            let name = cursor.name()?;
            cursor.expect(&["on"])?;
            CommentTarget::Constraint(name, cursor.table_name()?)
        }
        Some(_) => CommentTarget::Schema(cursor.name()?),
        None => {
            let what = cursor.peek_word().unwrap_or_default().to_ascii_uppercase();
            return match what.as_str() {
                "MATERIALIZED" => Err(SqlError::unsupported(format!("COMMENT ON {what}")).at(position)),
                _ => cursor
                    .expected("TABLE, VIEW, COLUMN, CONSTRAINT, DATABASE, FUNCTION, PROCEDURE or SCHEMA"),
            };
        }
    };
    cursor.expect(&["is"])?;
    let text = if cursor.eat(&["null"]) { None } else { Some(cursor.string()?) };
    Ok(Statement::Comment { on, text })
}

/// `[[database.]schema.]table.column`.
fn column(cursor: &mut Cursor<'_>) -> Result<CommentTarget, SqlError> {
    let position = cursor.position();
    let mut parts = vec![cursor.any_word()?];
    while cursor.eat_token(&Token::Period) {
        parts.push(cursor.any_word()?);
    }
    let column = parts.pop().unwrap_or_default();
    let Some(name) = parts.pop() else {
        return Err(SqlError::new(SqlState::SyntaxError, "column name must be qualified")
            .at(position)
            .with_hint("write table.column"));
    };
    let schema = parts.pop();
    Ok(CommentTarget::Column(
        TableName { database: parts.pop(), schema, name, position: Some(position) },
        column,
    ))
}
