//! DROP TABLE, VIEW, SCHEMA, and the way to the other kinds.

use dwh_common::SqlError;

use super::{function, group, policy, procedure, user};
use crate::cursor::Cursor;
use crate::statement::{Drop, Statement};
use crate::unsupported;

/// `DROP … [IF EXISTS] a, b [CASCADE | RESTRICT]`.
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.eat(&["drop", "table"]) {
        return Ok(Statement::DropTable(names(cursor)?));
    }
    if cursor.eat(&["drop", "materialized", "view"]) {
        return Ok(Statement::DropMaterializedView(names(cursor)?));
    }
    if cursor.eat(&["drop", "view"]) {
        return Ok(Statement::DropView(names(cursor)?));
    }
    if cursor.eat(&["drop", "schema"]) {
        let if_exists = cursor.eat(&["if", "exists"]);
        let names = cursor.comma_separated(Cursor::name)?;
        return Ok(Statement::DropSchema { names, if_exists, cascade: cascade(cursor) });
    }
    match cursor.peek_nth_word(1) {
        Some("user") => user::drop_user(cursor),
        Some("group") => group::drop_group(cursor),
        Some("role") => group::drop_role(cursor),
        Some("function") => function::drop_function(cursor),
        Some("procedure") => procedure::drop_procedure(cursor),
        Some("rls" | "masking") => policy::drop(cursor),
        _ => Err(unsupported::refuse(cursor)),
    }
}

fn names(cursor: &mut Cursor<'_>) -> Result<Drop, SqlError> {
    let if_exists = cursor.eat(&["if", "exists"]);
    let names = cursor.table_names()?;
    Ok(Drop { names, if_exists, cascade: cascade(cursor) })
}

fn cascade(cursor: &mut Cursor<'_>) -> bool {
    cursor.eat_one_of(&["cascade", "restrict"]) == Some("cascade")
}
