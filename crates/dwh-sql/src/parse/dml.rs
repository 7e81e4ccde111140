//! INSERT, UPDATE, DELETE, and WITH in front of them (RS 3.6).

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{Expr, With};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::query::query_or_into;
use crate::cursor::Cursor;
use crate::rewrite::order_by_unselected::drop_without_effect;
use crate::statement::{Delete, Insert, InsertSource, Statement, Update};

/// A statement that starts with WITH: a query, UPDATE or DELETE.
pub(super) fn with(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    match verb_behind_with(cursor) {
        Some("update") => {
            let with = with_clause(cursor)?;
            update(cursor, Some(with))
        }
        Some("delete") => {
            let with = with_clause(cursor)?;
            delete(cursor, Some(with))
        }
        Some("insert" | "merge") => {
            with_clause(cursor)?;
            Err(cursor.syntax_error().with_hint("put WITH behind INSERT INTO table (columns)"))
        }
        _ => query_or_into(cursor),
    }
}

/// The first verb outside parentheses.
fn verb_behind_with(cursor: &Cursor<'_>) -> Option<&'static str> {
    let mut depth = 0_usize;
    for ahead in 0.. {
        match cursor.peek_nth(ahead) {
            Token::EOF => return None,
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 && word.quote_style.is_none() => {
                let verbs = ["select", "update", "delete", "insert", "merge"];
                if let Some(verb) = verbs.into_iter().find(|verb| *verb == word.value) {
                    return Some(verb);
                }
            }
            _ => {}
        }
    }
    None
}

fn with_clause(cursor: &mut Cursor<'_>) -> Result<With, SqlError> {
    cursor.expect(&["with"])?;
    let recursive = cursor.eat(&["recursive"]);
    let cte_tables = cursor.run(|parser| parser.parse_comma_separated(Parser::parse_cte))?;
    Ok(With { with_token: AttachedToken::empty(), recursive, cte_tables })
}

/// `INSERT INTO t [(columns)] { DEFAULT VALUES | VALUES … | query }`.
pub(super) fn insert(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["insert", "into"])?;
    let table = cursor.table_name()?;
    let columns =
        if cursor.at_parenthesis() && !cursor.at_query() { cursor.column_list()? } else { Vec::new() };
    let source = if cursor.eat(&["default", "values"]) {
        InsertSource::DefaultValues
    } else if cursor.eat(&["values"]) {
        let position = cursor.position();
        let rows = cursor.comma_separated(row)?;
        check_widths(&rows, columns.len()).map_err(|error| error.at(position))?;
        InsertSource::Values(rows)
    } else if cursor.at_query() {
        let mut query = cursor.query()?;
        drop_without_effect(&mut query);
        InsertSource::Query(query)
    } else {
        return cursor.expected("VALUES or a query");
    };
    refuse_postgres_tail(cursor)?;
    Ok(Statement::Insert(Insert { table, columns, source }))
}

fn row(cursor: &mut Cursor<'_>) -> Result<Vec<Option<Expr>>, SqlError> {
    cursor.expect_token(&Token::LParen)?;
    let values = cursor.comma_separated(Cursor::expr_or_default)?;
    cursor.expect_token(&Token::RParen)?;
    Ok(values)
}

fn check_widths(rows: &[Vec<Option<Expr>>], columns: usize) -> Result<(), SqlError> {
    let first = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != first) {
        return Err(SqlError::new(SqlState::SyntaxError, "VALUES lists must all be the same length"));
    }
    if columns > 0 && first > columns {
        return Err(SqlError::new(SqlState::SyntaxError, "INSERT has more expressions than target columns"));
    }
    if columns > first {
        return Err(SqlError::new(SqlState::SyntaxError, "INSERT has more target columns than expressions"));
    }
    Ok(())
}

/// ON CONFLICT and RETURNING are PostgreSQL's (RS 3.6, 10.4).
fn refuse_postgres_tail(cursor: &Cursor<'_>) -> Result<(), SqlError> {
    if cursor.at(&["on"]) {
        return Err(cursor
            .syntax_error()
            .with_detail("ON CONFLICT is not supported")
            .with_hint("use MERGE, or DELETE the rows with equal keys first, in the same transaction"));
    }
    if cursor.at(&["returning"]) {
        return Err(cursor.syntax_error().with_detail("RETURNING is not supported"));
    }
    Ok(())
}

/// `UPDATE t [[AS] alias] SET … [FROM …] [WHERE …]`.
pub(super) fn update(cursor: &mut Cursor<'_>, with: Option<With>) -> Result<Statement, SqlError> {
    cursor.expect(&["update"])?;
    let table = cursor.table_name()?;
    let alias = if cursor.eat(&["as"]) || !cursor.at(&["set"]) { Some(cursor.name()?) } else { None };
    cursor.expect(&["set"])?;
    let assignments = assignments(cursor)?;
    let from = if cursor.eat(&["from"]) { cursor.tables()? } else { Vec::new() };
    let selection = where_clause(cursor)?;
    refuse_postgres_tail(cursor)?;
    Ok(Statement::Update(Update { with, table, alias, assignments, from, selection }))
}

/// `column = expression, …`, each column once and unqualified.
pub(super) fn assignments(cursor: &mut Cursor<'_>) -> Result<Vec<(String, Option<Expr>)>, SqlError> {
    let mut assignments: Vec<(String, Option<Expr>)> = Vec::new();
    loop {
        let position = cursor.position();
        if cursor.at_parenthesis() {
            return Err(cursor
                .syntax_error()
                .with_detail("a row cannot be assigned to several columns")
                .with_hint("assign the columns one by one: SET a = …, b = …"));
        }
        let column = cursor.name()?;
        if *cursor.peek() == Token::Period {
            return Err(cursor.syntax_error().with_hint("write the column of SET without its table"));
        }
        cursor.expect_token(&Token::Eq)?;
        let value = cursor.expr_or_default()?;
        if assignments.iter().any(|(other, _)| *other == column) {
            return Err(SqlError::new(
                SqlState::SyntaxError,
                format!("multiple assignments to same column \"{column}\""),
            )
            .at(position));
        }
        assignments.push((column, value));
        if !cursor.eat_token(&Token::Comma) {
            return Ok(assignments);
        }
    }
}

fn where_clause(cursor: &mut Cursor<'_>) -> Result<Option<Expr>, SqlError> {
    if cursor.eat(&["where"]) { cursor.expr().map(Some) } else { Ok(None) }
}

/// `DELETE [FROM] t [[AS] alias] [USING …] [WHERE …]`.
pub(super) fn delete(cursor: &mut Cursor<'_>, with: Option<With>) -> Result<Statement, SqlError> {
    cursor.expect(&["delete"])?;
    cursor.eat(&["from"]);
    let table = cursor.table_name()?;
    let named = cursor.eat(&["as"]);
    let alias = if named
        || !(cursor.at_end() || matches!(cursor.peek_word(), Some("using" | "where" | "returning")))
    {
        Some(cursor.name()?)
    } else {
        None
    };
    let using = if cursor.eat(&["using"]) { cursor.tables()? } else { Vec::new() };
    let selection = where_clause(cursor)?;
    refuse_postgres_tail(cursor)?;
    Ok(Statement::Delete(Delete { with, table, alias, using, selection }))
}
