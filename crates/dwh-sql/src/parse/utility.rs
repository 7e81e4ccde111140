//! TRUNCATE, ANALYZE, VACUUM, LOCK, CREATE SCHEMA.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::user::principal;
use crate::cursor::Cursor;
use crate::statement::{CreateSchema, Statement};

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

/// `ANALYZE [VERBOSE] [t [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]`, and
/// `ANALYZE COMPRESSION [t [(columns)]] [COMPROWS n]`.
pub(super) fn analyze(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.advance();
    let at_columns =
        |cursor: &Cursor<'_>| cursor.at(&["predicate", "columns"]) || cursor.at(&["all", "columns"]);
    if cursor.eat(&["compression"]) {
        let table =
            if cursor.at_end() || cursor.at(&["comprows"]) { None } else { Some(cursor.table_name()?) };
        let columns = cursor.optional_column_list()?;
        if cursor.eat(&["comprows"]) {
            let position = cursor.position();
            // The guide: from 1000 to 1000000000.
            if !(1_000..=1_000_000_000).contains(&cursor.integer()?) {
                let message = "COMPROWS must be between 1000 and 1000000000";
                return Err(SqlError::new(SqlState::InvalidParameterValue, message).at(position));
            }
        }
        return Ok(Statement::AnalyzeCompression { table, columns });
    }
    cursor.eat(&["verbose"]);
    let table = if cursor.at_end() || at_columns(cursor) { None } else { Some(cursor.table_name()?) };
    let columns = if table.is_some() { cursor.optional_column_list()? } else { Vec::new() };
    if !cursor.eat(&["predicate", "columns"]) {
        cursor.eat(&["all", "columns"]);
    }
    Ok(Statement::Analyze { table, columns })
}

/// `VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [t [TO n PERCENT]] [BOOST]`.
pub(super) fn vacuum(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["vacuum"])?;
    let is_reindex = cursor.eat(&["reindex"]);
    let kinds: [&[&str]; 4] = [&["full"], &["sort", "only"], &["delete", "only"], &["recluster"]];
    let _any_kind_is_one = is_reindex || kinds.iter().any(|kind| cursor.eat(kind));
    let table = if cursor.at_end() || cursor.at(&["boost"]) { None } else { Some(cursor.table_name()?) };
    // The guide, VACUUM: a threshold needs a table, and REINDEX takes none.
    if is_reindex && cursor.at(&["to"]) {
        return Err(cursor.syntax_error().with_hint("VACUUM REINDEX takes no threshold"));
    }
    if cursor.eat(&["to"]) {
        let position = cursor.position();
        if !(0..=100).contains(&cursor.integer()?) {
            let message = "the threshold of VACUUM must be between 0 and 100 percent";
            return Err(SqlError::new(SqlState::InvalidParameterValue, message).at(position));
        }
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

/// `CREATE SCHEMA [IF NOT EXISTS] s [AUTHORIZATION user] [QUOTA {n [MB | GB | TB] | UNLIMITED}]`.
pub(super) fn create_schema(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create", "schema"])?;
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let (name, owner) = if cursor.eat(&["authorization"]) {
        let owner = principal(cursor)?;
        (owner.clone(), Some(owner))
    } else {
        let name = cursor.name()?;
        let owner = if cursor.eat(&["authorization"]) { Some(principal(cursor)?) } else { None };
        (name, owner)
    };
    let quota_mb = if cursor.eat(&["quota"]) { quota_mb(cursor)? } else { None };
    if !cursor.at_end() {
        return Err(cursor.syntax_error().with_hint("create the schema's tables in statements of their own"));
    }
    Ok(Statement::CreateSchema(CreateSchema { name, if_not_exists, owner, quota_mb }))
}

/// `{n [MB | GB | TB] | UNLIMITED}`, in megabytes; gigabytes if there is no unit.
pub(super) fn quota_mb(cursor: &mut Cursor<'_>) -> Result<Option<i64>, SqlError> {
    if cursor.eat(&["unlimited"]) {
        return Ok(None);
    }
    let position = cursor.position();
    let number = cursor.integer()?;
    let megabytes = match cursor.eat_one_of(&["mb", "gb", "tb"]) {
        Some("mb") => 1,
        Some("tb") => 1 << 20,
        _ => 1 << 10,
    };
    match number.checked_mul(megabytes).filter(|quota| *quota > 0) {
        Some(quota) => Ok(Some(quota)),
        None => {
            Err(SqlError::new(SqlState::InvalidParameterValue, "QUOTA must be greater than 0").at(position))
        }
    }
}

/// `CANCEL session ['message']`.
pub(super) fn cancel(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["cancel"])?;
    let position = cursor.position();
    let session = i32::try_from(cursor.integer()?).map_err(|_| {
        SqlError::new(SqlState::InvalidParameterValue, "a session's number is an INTEGER").at(position)
    })?;
    cursor.eat_string();
    Ok(Statement::Cancel(session))
}
