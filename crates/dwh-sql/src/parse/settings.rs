//! SET, RESET, SHOW (RS 4.6).

use dwh_common::SqlError;
use sqlparser::tokenizer::Token;

use super::transaction::modes;
use crate::cursor::Cursor;
use crate::statement::Statement;

/// `SET [SESSION | LOCAL] name {TO | =} value`, `SET TIME ZONE value`, and the transaction forms.
pub(super) fn set(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["set"])?;
    let position = cursor.position();
    if cursor.at(&["session", "authorization"]) {
        return Err(SqlError::unsupported("SET SESSION AUTHORIZATION").at(position));
    }
    if cursor.eat(&["session", "characteristics", "as", "transaction"]) {
        return Ok(Statement::SetSessionCharacteristics(modes(cursor)?));
    }
    if cursor.eat(&["transaction"]) {
        return Ok(Statement::SetTransaction(modes(cursor)?));
    }
    let local = cursor.eat_one_of(&["session", "local"]) == Some("local");
    if cursor.eat(&["time", "zone"]) {
        return Ok(setting("timezone", values(cursor)?.filter(|zone| zone != "local"), local));
    }
    let name = name(cursor)?;
    if name == "role" && !cursor.at(&["to"]) && *cursor.peek() != Token::Eq {
        return Ok(setting("role", values(cursor)?, local));
    }
    if !cursor.eat(&["to"]) && !cursor.eat_token(&Token::Eq) {
        return cursor.expected("TO or =");
    }
    Ok(setting(&name, values(cursor)?, local))
}

fn setting(name: &str, value: Option<String>, local: bool) -> Statement {
    Statement::Set { name: name.to_owned(), value, local }
}

/// A setting's name, also of the form `app.name`.
fn name(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let mut name = cursor.any_word()?;
    while cursor.eat_token(&Token::Period) {
        name = format!("{name}.{}", cursor.any_word()?);
    }
    Ok(name)
}

/// One value or several with commas, as text; `None` for DEFAULT.
fn values(cursor: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
    if cursor.eat(&["default"]) {
        return Ok(None);
    }
    Ok(Some(cursor.comma_separated(value)?.join(", ")))
}

fn value(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let negative = cursor.eat_token(&Token::Minus);
    match cursor.peek().clone() {
        Token::Number(number, _) => {
            cursor.advance();
            Ok(if negative { format!("-{number}") } else { number })
        }
        _ if negative => cursor.expected("a number"),
        Token::SingleQuotedString(text) => {
            cursor.advance();
            Ok(text)
        }
        Token::Word(_) => cursor.any_word(),
        // `SET search_path TO $user, public`.
        Token::Placeholder(text) => {
            cursor.advance();
            Ok(text)
        }
        _ => cursor.expected("a value"),
    }
}

/// `RESET name`, `RESET ALL`.
pub(super) fn reset(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["reset"])?;
    if cursor.eat(&["all"]) {
        return Ok(Statement::Reset(None));
    }
    if cursor.at(&["session", "authorization"]) {
        return Err(SqlError::unsupported("RESET SESSION AUTHORIZATION").at(cursor.position()));
    }
    if cursor.eat(&["time", "zone"]) {
        return Ok(Statement::Reset(Some("timezone".to_owned())));
    }
    Ok(Statement::Reset(Some(name(cursor)?)))
}

/// SHOW commands that list objects (RS 5.4): for a later version.
const LISTINGS: &[(&str, &str)] = &[
    ("databases", "SHOW DATABASES"),
    ("schemas", "SHOW SCHEMAS"),
    ("tables", "SHOW TABLES"),
    ("columns", "SHOW COLUMNS"),
    ("constraints", "SHOW CONSTRAINTS"),
    ("grants", "SHOW GRANTS"),
    ("column", "SHOW COLUMN GRANTS"),
    ("procedures", "SHOW PROCEDURES"),
    ("functions", "SHOW FUNCTIONS"),
    ("parameters", "SHOW PARAMETERS"),
    ("table", "SHOW TABLE"),
    ("view", "SHOW VIEW"),
    ("procedure", "SHOW PROCEDURE"),
    ("external", "SHOW EXTERNAL TABLE"),
    ("datashares", "SHOW DATASHARES"),
    ("model", "SHOW MODEL"),
];

/// `SHOW name`, `SHOW ALL`.
pub(super) fn show(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let position = cursor.position();
    cursor.expect(&["show"])?;
    if cursor.eat(&["all"]) {
        return Ok(Statement::Show(None));
    }
    if cursor.eat(&["time", "zone"]) {
        return Ok(Statement::Show(Some("timezone".to_owned())));
    }
    if cursor.eat(&["transaction", "isolation", "level"]) {
        return Ok(Statement::Show(Some("transaction_isolation".to_owned())));
    }
    let word = cursor.peek_word().unwrap_or_default();
    if let Some((_, name)) = LISTINGS.iter().find(|(listing, _)| *listing == word) {
        return Err(SqlError::unsupported(name).at(position));
    }
    Ok(Statement::Show(Some(name(cursor)?)))
}
