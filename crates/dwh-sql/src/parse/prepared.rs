//! PREPARE, EXECUTE, DEALLOCATE, and putting values in place of parameters.

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::parameter_count;
use super::types::data_type;
use crate::cursor::Cursor;
use crate::lex::{lex, position_of};
use crate::parameters::number_of;
use crate::statement::{Execute, Prepare, Statement};

/// `PREPARE name [(type, …)] AS statement`.
pub(super) fn prepare(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["prepare"])?;
    let name = cursor.name()?;
    let mut types = Vec::new();
    if cursor.eat_token(&Token::LParen) {
        types = cursor.comma_separated(data_type)?;
        cursor.expect_token(&Token::RParen)?;
    }
    cursor.expect(&["as"])?;
    if !cursor.at_query() && !["insert", "update", "delete", "with"].iter().any(|word| cursor.at(&[word])) {
        return cursor.expected("SELECT, INSERT, UPDATE or DELETE");
    }
    let start = cursor.position();
    let statement = Box::new(super::statement(cursor)?);
    let text = cursor.slice(start, cursor.position()).trim_end().to_owned();
    let parameter_count = parameter_count(&text)?;
    Ok(Statement::Prepare(Prepare { name, types, text, parameter_count, statement }))
}

/// `EXECUTE name [(value, …)]`.
pub(super) fn execute(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["execute"])?;
    let name = cursor.name()?;
    let mut arguments = Vec::new();
    if cursor.eat_token(&Token::LParen) && !cursor.eat_token(&Token::RParen) {
        arguments = cursor.comma_separated(Cursor::expr)?;
        cursor.expect_token(&Token::RParen)?;
    }
    Ok(Statement::Execute(Execute { name, arguments }))
}

/// `DEALLOCATE [PREPARE] {name | ALL}`.
pub(super) fn deallocate(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["deallocate"])?;
    cursor.eat(&["prepare"]);
    if cursor.eat(&["all"]) {
        return Ok(Statement::Deallocate(None));
    }
    Ok(Statement::Deallocate(Some(cursor.name()?)))
}

/// The statement with `$1`, `$2`, … replaced by the values, which are SQL expressions as text. Each is cast
/// to its type, if one is given.
///
/// # Errors
/// 42601 if the text cannot be split into tokens, 42704 if a parameter has no value.
pub fn bind_parameters(
    sql: &str,
    values: &[String],
    types: &[Option<RedshiftType>],
) -> Result<String, SqlError> {
    let mut bound = String::with_capacity(sql.len());
    let mut chars = sql.chars();
    let mut at = 1;
    for statement in lex(sql, true)? {
        for token in statement.tokens {
            let Some(number) = number_of(&token.token) else { continue };
            let start = position_of(token.span.start);
            let value = values.get(number.wrapping_sub(1)).ok_or_else(|| {
                SqlError::new(SqlState::UndefinedObject, format!("there is no parameter ${number}")).at(start)
            })?;
            bound.extend(chars.by_ref().take(start - at));
            at = position_of(token.span.end);
            chars.by_ref().nth(at - start - 1);
            match types.get(number - 1) {
                Some(Some(data_type)) => bound.push_str(&format!("CAST({value} AS {data_type})")),
                _ => bound.push_str(&format!("({value})")),
            }
        }
    }
    bound.extend(chars);
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use super::bind_parameters;

    #[test]
    fn parameters_are_replaced_outside_strings_only() {
        let values = ["1 + 1".to_owned(), "'a$1'".to_owned()];
        let bound = bind_parameters("select $2, '$1', é+$1 from t", &values, &[Some(RedshiftType::Integer)]);
        assert_eq!(bound.as_deref(), Ok("select ('a$1'), '$1', é+CAST(1 + 1 AS integer) from t"));
        let missing = bind_parameters("select $3", &values, &[]).map_err(|error| error.message);
        assert_eq!(missing, Err("there is no parameter $3".to_owned()));
    }
}
