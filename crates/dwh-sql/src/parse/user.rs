//! CREATE, ALTER and DROP USER; SET and RESET SESSION AUTHORIZATION.

use dwh_common::{Secret, SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::settings::{name as setting_name, values as setting_values};
use crate::cursor::Cursor;
use crate::statement::{AlterUserAction, Password, Statement, UserOptions};

/// `CREATE USER name [WITH] PASSWORD {…} [option …]`.
pub(super) fn create_user(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create", "user"])?;
    let name = principal(cursor)?;
    let position = cursor.position();
    let mut options = UserOptions::default();
    cursor.eat(&["with"]);
    while option(cursor, &mut options)? {}
    if options.password.is_none() {
        return Err(SqlError::new(SqlState::SyntaxError, "CREATE USER needs a PASSWORD")
            .at(position)
            .with_hint("write PASSWORD '…', or PASSWORD DISABLE"));
    }
    Ok(Statement::CreateUser { name, options: Box::new(options) })
}

/// `ALTER USER name [WITH] option …`.
pub(super) fn alter_user(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "user"])?;
    let name = principal(cursor)?;
    cursor.eat(&["with"]);
    let action = if cursor.eat(&["rename", "to"]) {
        AlterUserAction::Rename(principal(cursor)?)
    } else if cursor.eat(&["set"]) {
        let name = setting_name(cursor)?;
        if !cursor.eat(&["to"]) && !cursor.eat_token(&Token::Eq) {
            return cursor.expected("TO or =");
        }
        AlterUserAction::Set { name, value: setting_values(cursor)? }
    } else if cursor.at(&["reset"]) && !cursor.at(&["reset", "session", "timeout"]) {
        cursor.advance();
        AlterUserAction::Set { name: setting_name(cursor)?, value: None }
    } else {
        let mut options = UserOptions::default();
        let mut any = false;
        while option(cursor, &mut options)? {
            any = true;
            cursor.eat_token(&Token::Comma);
        }
        if !any {
            return cursor.expected("an option of ALTER USER");
        }
        AlterUserAction::Options(Box::new(options))
    };
    Ok(Statement::AlterUser { name, action })
}

/// `DROP USER [IF EXISTS] name, …`.
pub(super) fn drop_user(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["drop", "user"])?;
    let if_exists = cursor.eat(&["if", "exists"]);
    Ok(Statement::DropUsers { names: cursor.comma_separated(principal)?, if_exists })
}

/// `SET [SESSION | LOCAL] SESSION AUTHORIZATION {user | DEFAULT}`, behind its words.
pub(super) fn session_authorization(cursor: &mut Cursor<'_>, local: bool) -> Result<Statement, SqlError> {
    let user = match cursor.eat_string() {
        Some(user) => Some(user),
        None if cursor.eat(&["default"]) => None,
        None => Some(principal(cursor)?),
    };
    Ok(Statement::SetSessionAuthorization { user, local })
}

/// The name of a user, group or role; those of the system are `sys:dba` and the like.
pub(super) fn principal(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let position = cursor.position();
    let mut name = cursor.name()?;
    if cursor.eat_token(&Token::Colon) {
        name = format!("{name}:{}", cursor.any_word()?);
    }
    if name == "public" {
        return Err(SqlError::new(SqlState::ReservedName, "name \"public\" is reserved").at(position));
    }
    Ok(name)
}

/// Reads one option if one comes next.
fn option(cursor: &mut Cursor<'_>, options: &mut UserOptions) -> Result<bool, SqlError> {
    let position = cursor.position();
    if cursor.eat(&["password"]) {
        let password = if cursor.eat(&["disable"]) {
            Password::Disable
        } else {
            Password::Given(Secret::new(cursor.string()?))
        };
        return once(&mut options.password, password, position);
    }
    if let Some(word) = cursor.eat_one_of(&["createdb", "nocreatedb"]) {
        return once(&mut options.create_db, word == "createdb", position);
    }
    if let Some(word) = cursor.eat_one_of(&["createuser", "nocreateuser"]) {
        return once(&mut options.superuser, word == "createuser", position);
    }
    if cursor.eat(&["syslog", "access"]) {
        return match cursor.eat_one_of(&["restricted", "unrestricted"]) {
            Some(word) => once(&mut options.syslog_unrestricted, word == "unrestricted", position),
            None => cursor.expected("RESTRICTED or UNRESTRICTED"),
        };
    }
    if cursor.eat(&["in", "group"]) {
        options.groups.extend(cursor.comma_separated(principal)?);
        return Ok(true);
    }
    if cursor.eat(&["valid", "until"]) {
        let until = cursor.string()?;
        return once(&mut options.valid_until, until, position);
    }
    if cursor.eat(&["connection", "limit"]) {
        let limit = if cursor.eat(&["unlimited"]) { None } else { Some(count(cursor)?) };
        return once(&mut options.connection_limit, limit, position);
    }
    if cursor.eat(&["session", "timeout"]) {
        let at = cursor.position();
        let seconds = count(cursor)?;
        // The guide: a minute to 20 days.
        if !(60..=1_728_000).contains(&seconds) {
            let message = "SESSION TIMEOUT must be between 60 and 1728000 seconds";
            return Err(SqlError::new(SqlState::InvalidParameterValue, message).at(at));
        }
        return once(&mut options.session_timeout_seconds, Some(seconds), position);
    }
    if cursor.eat(&["reset", "session", "timeout"]) {
        return once(&mut options.session_timeout_seconds, None, position);
    }
    if cursor.eat(&["externalid"]) {
        let id = match cursor.eat_string() {
            Some(id) => id,
            None => cursor.any_word()?,
        };
        return once(&mut options.external_id, id, position);
    }
    if let Some(word) = cursor.eat_one_of(&["nologin", "login"]) {
        let message = format!("option {} of users", word.to_uppercase());
        return Err(SqlError::unsupported(&message).at(position));
    }
    Ok(false)
}

fn count(cursor: &mut Cursor<'_>) -> Result<u32, SqlError> {
    let position = cursor.position();
    u32::try_from(cursor.integer()?).map_err(|_| {
        SqlError::new(SqlState::InvalidParameterValue, "expected a number that is not negative").at(position)
    })
}

fn once<T>(slot: &mut Option<T>, value: T, position: usize) -> Result<bool, SqlError> {
    match slot.replace(value) {
        None => Ok(true),
        Some(_) => Err(SqlError::new(SqlState::SyntaxError, "conflicting or redundant options").at(position)),
    }
}
