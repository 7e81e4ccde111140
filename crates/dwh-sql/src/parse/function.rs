//! CREATE, ALTER and DROP FUNCTION.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Expr, Query, SelectItem, SetExpr};
use sqlparser::tokenizer::Token;

use super::grant::signature;
use super::procedure::routine_change;
use super::types::data_type;
use crate::cursor::Cursor;
use crate::statement::{CreateFunction, DropFunction, Statement};

/// `CREATE [OR REPLACE] FUNCTION name (types) RETURNS type {VOLATILE | STABLE | IMMUTABLE} AS $$ … $$ LANGUAGE sql`.
pub(super) fn create_function(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create"])?;
    let or_replace = cursor.eat(&["or", "replace"]);
    cursor.expect(&["function"])?;
    let signature_position = cursor.position();
    let named = signature(cursor)?;
    if named.arguments.len() > MAX_ARGUMENTS {
        let message = format!("functions cannot have more than {MAX_ARGUMENTS} arguments");
        return Err(SqlError::new(SqlState::InvalidFunctionDefinition, message).at(signature_position));
    }
    cursor.expect(&["returns"])?;
    let returns = data_type(cursor)?;
    let mut volatility = None;
    let mut body = None;
    let mut language = None;
    while !cursor.at_end() {
        let position = cursor.position();
        if let Some(word) = cursor.eat_one_of(&["volatile", "stable", "immutable"]) {
            volatility = Some(match word {
                "stable" => "STABLE",
                "immutable" => "IMMUTABLE",
                _ => "VOLATILE",
            });
        } else if cursor.eat(&["as"]) {
            let position = cursor.position();
            body = Some((cursor.string()?, position));
        } else if cursor.eat(&["language"]) {
            let name = match cursor.eat_string() {
                Some(name) => name.to_ascii_lowercase(),
                None => cursor.any_word()?,
            };
            language = Some((name, position));
        } else {
            return Err(cursor.syntax_error());
        }
    }
    match &language {
        Some((name, _)) if name == "sql" => {}
        Some((name, position)) if name == "plpythonu" => {
            return Err(SqlError::unsupported("LANGUAGE plpythonu")
                .at(*position)
                .with_hint("write the function in SQL; Redshift gives up Python functions too"));
        }
        Some((name, position)) => {
            return Err(SqlError::new(
                SqlState::UndefinedObject,
                format!("language \"{name}\" does not exist"),
            )
            .at(*position));
        }
        None => return cursor.expected("LANGUAGE sql"),
    }
    let Some(volatility) = volatility else {
        return cursor.expected("VOLATILE, STABLE or IMMUTABLE");
    };
    let Some((body, body_position)) = body else { return cursor.expected("AS $$ SELECT … $$") };
    Ok(Statement::CreateFunction(CreateFunction {
        name: named.name,
        or_replace,
        arguments: named.arguments,
        returns,
        volatility,
        body,
        body_position,
    }))
}

/// The guide's page CREATE FUNCTION.
const MAX_ARGUMENTS: usize = 32;

/// `ALTER FUNCTION name (types) {RENAME TO name | OWNER TO {user | CURRENT_USER | SESSION_USER}}`.
pub(super) fn alter_function(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "function"])?;
    let function = signature(cursor)?;
    let action = routine_change(cursor)?;
    Ok(Statement::AlterFunction { function, action })
}

/// `DROP FUNCTION [IF EXISTS] name (types) [CASCADE | RESTRICT]`.
pub(super) fn drop_function(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["drop", "function"])?;
    let if_exists = cursor.eat(&["if", "exists"]);
    let function = signature(cursor)?;
    if *cursor.peek() == Token::Comma {
        return Err(cursor.syntax_error().with_hint("DROP FUNCTION takes one function"));
    }
    cursor.eat_one_of(&["cascade", "restrict"]);
    Ok(Statement::DropFunction(DropFunction { function, if_exists }))
}

/// The one value that a query without FROM selects, as text: the body of a SQL function.
///
/// # Errors
/// 42P13 if the text is another query, and what [`crate::parse()`] says.
pub fn single_value(sql: &str) -> Result<String, SqlError> {
    let mut statements = crate::parse(sql)?;
    let body = match (statements.len(), statements.pop().map(|parsed| parsed.statement)) {
        (1, Some(Statement::Query(query))) => value_of(*query),
        _ => None,
    };
    body.map(|expr| crate::to_sql(&expr)).ok_or_else(|| {
        SqlError::new(
            SqlState::InvalidFunctionDefinition,
            "the body of a SQL function must be a SELECT of one value, without FROM",
        )
    })
}

fn value_of(query: Query) -> Option<Expr> {
    let plain = query.with.is_none() && query.order_by.is_none() && query.limit_clause.is_none();
    let SetExpr::Select(mut select) = *query.body else { return None };
    let plain = plain && select.from.is_empty() && select.selection.is_none() && select.having.is_none();
    if !plain || select.distinct.is_some() || select.projection.len() != 1 {
        return None;
    }
    match select.projection.pop()? {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}
