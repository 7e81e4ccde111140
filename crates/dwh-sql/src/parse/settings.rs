//! SET, RESET, SHOW (RS 4.6).

use dwh_common::{SqlError, interval};
use sqlparser::tokenizer::Token;

use super::show_objects::show_objects;
use super::transaction::modes;
use super::user::session_authorization;
use crate::cursor::Cursor;
use crate::keywords::quote_ident;
use crate::statement::Statement;

/// `SET [SESSION | LOCAL] name {TO | =} value`, `SET TIME ZONE value`, and the transaction forms.
pub(super) fn set(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["set"])?;
    if cursor.eat(&["session", "authorization"]) || cursor.eat(&["session", "session", "authorization"]) {
        return session_authorization(cursor, false);
    }
    if cursor.eat(&["local", "session", "authorization"]) {
        return session_authorization(cursor, true);
    }
    if cursor.eat(&["session", "characteristics", "as", "transaction"]) {
        return Ok(Statement::SetSessionCharacteristics(modes(cursor)?));
    }
    if cursor.eat(&["transaction"]) {
        return Ok(Statement::SetTransaction(modes(cursor)?));
    }
    let local = cursor.eat_one_of(&["session", "local"]) == Some("local");
    if cursor.eat(&["time", "zone"]) {
        return Ok(setting("timezone", zone(cursor)?.filter(|zone| zone != "local"), local));
    }
    if cursor.at(&["timezone", "interval"]) {
        cursor.expect(&["timezone"])?;
        return Ok(setting("timezone", zone(cursor)?, local));
    }
    let name = name(cursor)?;
    if name == "session_authorization" && (cursor.eat(&["to"]) || cursor.eat_token(&Token::Eq)) {
        return session_authorization(cursor, local);
    }
    if name == "role" && !cursor.at(&["to"]) && *cursor.peek() != Token::Eq {
        return Ok(setting("role", values(cursor)?, local));
    }
    if !cursor.eat(&["to"]) && !cursor.eat_token(&Token::Eq) {
        return cursor.expected("TO or =");
    }
    if name == "search_path" {
        return Ok(setting(&name, schemas(cursor)?, local));
    }
    Ok(setting(&name, values(cursor)?, local))
}

/// The schemas of a search path, quoted where SHOW quotes them: `"$user", public`. One text with commas in it is
/// taken as the list that its writer meant.
fn schemas(cursor: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
    if cursor.eat(&["default"]) {
        return Ok(None);
    }
    let schemas = cursor.comma_separated(value)?;
    let shown = |schema: String| if schema.contains(',') { schema } else { quote_ident(&schema) };
    Ok(Some(schemas.into_iter().map(shown).collect::<Vec<_>>().join(", ")))
}

fn setting(name: &str, value: Option<String>, local: bool) -> Statement {
    Statement::Set { name: name.to_owned(), value, local }
}

/// A zone by its name or offset, or as `INTERVAL '-8 hours'`; `None` for DEFAULT.
fn zone(cursor: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
    let position = cursor.position();
    if !cursor.eat(&["interval"]) {
        return values(cursor);
    }
    let written = cursor.string()?;
    let unit = cursor.eat_one_of(&["hour", "minute", "second"]);
    if unit == Some("hour") {
        cursor.eat(&["to", "minute"]);
    }
    interval::offset(&written, unit).map(Some).map_err(|error| error.at(position))
}

/// A setting's name, also of the form `app.name`.
pub(super) fn name(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let mut name = cursor.any_word()?;
    while cursor.eat_token(&Token::Period) {
        name = format!("{name}.{}", cursor.any_word()?);
    }
    Ok(name)
}

/// One value or several with commas, as text; `None` for DEFAULT.
pub(super) fn values(cursor: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
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
    if cursor.eat(&["session", "authorization"]) || cursor.eat(&["session_authorization"]) {
        return Ok(Statement::SetSessionAuthorization { user: None, local: false });
    }
    if cursor.eat(&["time", "zone"]) {
        return Ok(Statement::Reset(Some("timezone".to_owned())));
    }
    Ok(Statement::Reset(Some(name(cursor)?)))
}

/// `SHOW name`, `SHOW ALL`.
pub(super) fn show(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
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
    if let Some(listing) = show_objects(cursor)? {
        return Ok(listing);
    }
    Ok(Statement::Show(Some(name(cursor)?)))
}
