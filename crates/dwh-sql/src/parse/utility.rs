//! TRUNCATE, ANALYZE, VACUUM, LOCK, CREATE SCHEMA.

use dwh_common::SqlError;
use sqlparser::tokenizer::Token;

use crate::cursor::Cursor;
use crate::statement::Statement;

/// `TRUNCATE [TABLE] t`.
pub(super) fn truncate(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["truncate"])?;
    cursor.eat(&["table"]);
    let table = cursor.table_name()?;
    if *cursor.peek() == Token::Comma {
        return Err(cursor.syntax_error().with_hint("TRUNCATE takes one table"));
    }
    Ok(Statement::Truncate(table))
}

/// `ANALYZE [VERBOSE] [t [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]`: the columns steer statistics only.
pub(super) fn analyze(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let position = cursor.position();
    cursor.advance();
    if cursor.at(&["compression"]) {
        return Err(SqlError::unsupported("ANALYZE COMPRESSION").at(position));
    }
    cursor.eat(&["verbose"]);
    let at_columns =
        |cursor: &Cursor<'_>| cursor.at(&["predicate", "columns"]) || cursor.at(&["all", "columns"]);
    let table = if cursor.at_end() || at_columns(cursor) { None } else { Some(cursor.table_name()?) };
    cursor.optional_column_list()?;
    if !cursor.eat(&["predicate", "columns"]) {
        cursor.eat(&["all", "columns"]);
    }
    Ok(Statement::Analyze(table))
}

/// `VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [t [TO n PERCENT]] [BOOST]`.
pub(super) fn vacuum(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["vacuum"])?;
    let kinds: [&[&str]; 5] =
        [&["full"], &["sort", "only"], &["delete", "only"], &["reindex"], &["recluster"]];
    let _any_kind_is_one = kinds.iter().any(|kind| cursor.eat(kind));
    let table = if cursor.at_end() || cursor.at(&["boost"]) { None } else { Some(cursor.table_name()?) };
    if cursor.eat(&["to"]) {
        cursor.integer()?;
        cursor.expect(&["percent"])?;
    }
    cursor.eat(&["boost"]);
    Ok(Statement::Vacuum(table))
}

/// `LOCK [TABLE] a, b`.
pub(super) fn lock(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["lock"])?;
    cursor.eat(&["table"]);
    Ok(Statement::Lock(cursor.table_names()?))
}

/// `CREATE SCHEMA [IF NOT EXISTS] s [AUTHORIZATION user] [QUOTA n [MB | GB | TB] | QUOTA UNLIMITED]`: one user
/// owns everything here and there is no quota, so both are read and change nothing.
pub(super) fn create_schema(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create", "schema"])?;
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let name = if cursor.eat(&["authorization"]) {
        cursor.any_word()?
    } else {
        let name = cursor.name()?;
        if cursor.eat(&["authorization"]) {
            cursor.any_word()?;
        }
        name
    };
    if cursor.eat(&["quota"]) && !cursor.eat(&["unlimited"]) {
        cursor.integer()?;
        cursor.eat_one_of(&["mb", "gb", "tb"]);
    }
    if !cursor.at_end() {
        return Err(cursor.syntax_error().with_hint("create the schema's tables in statements of their own"));
    }
    Ok(Statement::CreateSchema { name, if_not_exists })
}
