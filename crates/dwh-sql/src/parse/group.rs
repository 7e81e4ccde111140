//! CREATE, ALTER and DROP GROUP; CREATE, ALTER and DROP ROLE.

use dwh_common::SqlError;

use super::user::principal;
use crate::cursor::Cursor;
use crate::statement::{AlterGroupAction, AlterRoleAction, Statement};

/// `CREATE GROUP name [[WITH] USER a, b]`.
pub(super) fn create_group(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create", "group"])?;
    let name = principal(cursor)?;
    let with = cursor.eat(&["with"]);
    let mut users = Vec::new();
    if cursor.eat(&["user"]) {
        users = cursor.comma_separated(principal)?;
    } else if with {
        return cursor.expected("USER");
    }
    Ok(Statement::CreateGroup { name, users })
}

/// `ALTER GROUP name {ADD USER a, b | DROP USER a, b | RENAME TO other}`.
pub(super) fn alter_group(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "group"])?;
    let name = principal(cursor)?;
    let action = if cursor.eat(&["add", "user"]) {
        AlterGroupAction::Add(cursor.comma_separated(principal)?)
    } else if cursor.eat(&["drop", "user"]) {
        AlterGroupAction::Drop(cursor.comma_separated(principal)?)
    } else if cursor.eat(&["rename", "to"]) {
        AlterGroupAction::Rename(principal(cursor)?)
    } else {
        return cursor.expected("ADD USER, DROP USER or RENAME TO");
    };
    Ok(Statement::AlterGroup { name, action })
}

/// `DROP GROUP name`.
pub(super) fn drop_group(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["drop", "group"])?;
    Ok(Statement::DropGroup(principal(cursor)?))
}

/// `CREATE ROLE name [EXTERNALID id]`.
pub(super) fn create_role(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create", "role"])?;
    let name = principal(cursor)?;
    let external_id = if cursor.eat(&["externalid"]) { Some(external_id(cursor)?) } else { None };
    Ok(Statement::CreateRole { name, external_id })
}

/// `ALTER ROLE name [WITH] {RENAME TO other | OWNER TO user | EXTERNALID TO id}`.
pub(super) fn alter_role(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "role"])?;
    let name = principal(cursor)?;
    cursor.eat(&["with"]);
    let action = if cursor.eat(&["rename", "to"]) {
        AlterRoleAction::Rename(principal(cursor)?)
    } else if cursor.eat(&["owner", "to"]) {
        AlterRoleAction::OwnerTo(principal(cursor)?)
    } else if cursor.eat(&["externalid"]) {
        cursor.eat(&["to"]);
        AlterRoleAction::ExternalId(external_id(cursor)?)
    } else {
        return cursor.expected("RENAME TO, OWNER TO or EXTERNALID");
    };
    Ok(Statement::AlterRole { name, action })
}

/// `DROP ROLE name [FORCE | RESTRICT]`.
pub(super) fn drop_role(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["drop", "role"])?;
    let name = principal(cursor)?;
    let force = cursor.eat_one_of(&["force", "restrict"]) == Some("force");
    Ok(Statement::DropRole { name, force })
}

fn external_id(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    match cursor.eat_string() {
        Some(id) => Ok(id),
        None => cursor.any_word(),
    }
}
