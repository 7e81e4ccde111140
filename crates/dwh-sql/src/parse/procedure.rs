//! CREATE, ALTER and DROP PROCEDURE, CALL.

use dwh_common::{ArgumentMode, ArgumentType, SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::settings::{name as setting_name, values as setting_values};
use super::types::data_type;
use super::user::principal;
use crate::cursor::Cursor;
use crate::plpgsql::parse_body;
use crate::statement::{
    Call, CreateProcedure, ProcedureArgument, ProcedureSignature, RoutineChange, Statement,
};

/// The guide's page CREATE PROCEDURE: of input arguments, and of output arguments.
const MAX_ARGUMENTS: usize = 32;

/// `CREATE [OR REPLACE] PROCEDURE name ([[name] [mode] type, …]) [NONATOMIC] AS $$ … $$ LANGUAGE plpgsql
/// [SECURITY {INVOKER | DEFINER}] [SET parameter {TO | =} value]`, what is behind the arguments in any order.
pub(super) fn create_procedure(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create"])?;
    let or_replace = cursor.eat(&["or", "replace"]);
    cursor.expect(&["procedure"])?;
    let name = cursor.table_name()?;
    let arguments_position = cursor.position();
    let arguments = arguments(cursor)?;
    check_arguments(&arguments).map_err(|error| error.at(arguments_position))?;
    let mut procedure = CreateProcedure {
        name,
        or_replace,
        arguments,
        nonatomic: false,
        security_definer: false,
        settings: Vec::new(),
        body: String::new(),
    };
    let mut body_start = None;
    let mut has_language = false;
    while !cursor.at_end() {
        let position = cursor.position();
        if cursor.eat(&["nonatomic"]) {
            procedure.nonatomic = true;
        } else if cursor.eat(&["as"]) {
            let start = cursor.position();
            let opening = cursor.slice(start, cursor.end_position());
            body_start = Some(start + opening_length(opening));
            procedure.body = cursor.string()?;
        } else if cursor.eat(&["language"]) {
            let language = match cursor.eat_string() {
                Some(name) => name.to_ascii_lowercase(),
                None => cursor.any_word()?,
            };
            if language != "plpgsql" {
                return Err(SqlError::new(
                    SqlState::UndefinedObject,
                    format!("language \"{language}\" does not exist"),
                )
                .at(position)
                .with_hint("procedures are written in plpgsql"));
            }
            has_language = true;
        } else if cursor.eat(&["security", "definer"]) {
            procedure.security_definer = true;
        } else if cursor.eat(&["security", "invoker"]) {
            procedure.security_definer = false;
        } else if cursor.eat(&["set"]) {
            let name = setting_name(cursor)?;
            if !cursor.eat(&["to"]) && !cursor.eat_token(&Token::Eq) {
                return cursor.expected("TO or =");
            }
            let Some(value) = setting_values(cursor)? else { return cursor.expected("a value") };
            procedure.settings.push((name, value));
        } else {
            return Err(cursor.syntax_error());
        }
    }
    let Some(body_start) = body_start else { return cursor.expected("AS $$ … $$") };
    if !has_language {
        return cursor.expected("LANGUAGE plpgsql");
    }
    if procedure.nonatomic && (procedure.security_definer || !procedure.settings.is_empty()) {
        let option = if procedure.security_definer { "SECURITY DEFINER" } else { "SET" };
        let message = format!("{option} is not supported for a NONATOMIC procedure");
        return Err(SqlError::new(SqlState::InvalidFunctionDefinition, message)
            .at(procedure.name.position.unwrap_or(1)));
    }
    let names: Vec<_> = procedure.arguments.iter().map(|argument| argument.name.clone()).collect();
    // What is wrong with the body is said now, not when it is called.
    let case_sensitive = cursor.case_sensitive();
    let read = parse_body(&procedure.body, &procedure.name.name, &names, procedure.nonatomic, case_sensitive);
    read.map_err(|error| {
        let position = error.position.map(|position| position + body_start - 1);
        SqlError { position: position.or(Some(body_start)), ..error }
    })?;
    Ok(Statement::CreateProcedure(Box::new(procedure)))
}

/// Characters in front of what a literal says: `'`, `$$`, `$name$`.
fn opening_length(literal: &str) -> usize {
    match literal.strip_prefix('$') {
        Some(rest) => rest.chars().take_while(|ch| *ch != '$').count() + 2,
        None => 1,
    }
}

fn check_arguments(arguments: &[ProcedureArgument]) -> Result<(), SqlError> {
    let count = |wanted: fn(ArgumentMode) -> bool| arguments.iter().filter(|a| wanted(a.mode)).count();
    if count(ArgumentMode::is_input) > MAX_ARGUMENTS || count(ArgumentMode::is_output) > MAX_ARGUMENTS {
        return Err(SqlError::new(
            SqlState::InvalidFunctionDefinition,
            format!("procedures cannot have more than {MAX_ARGUMENTS} input or output arguments"),
        ));
    }
    let names: Vec<&String> = arguments.iter().filter_map(|argument| argument.name.as_ref()).collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return Err(SqlError::new(
                SqlState::InvalidFunctionDefinition,
                format!("argument name \"{name}\" used more than once"),
            ));
        }
    }
    Ok(())
}

/// `([[name] [mode] type, …])`, name and mode in either order.
fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<ProcedureArgument>, SqlError> {
    cursor.expect_token(&Token::LParen)?;
    if cursor.eat_token(&Token::RParen) {
        return Ok(Vec::new());
    }
    let arguments = cursor.comma_separated(argument)?;
    cursor.expect_token(&Token::RParen)?;
    Ok(arguments)
}

fn argument(cursor: &mut Cursor<'_>) -> Result<ProcedureArgument, SqlError> {
    let (mut name, mut mode) = (None, None);
    loop {
        // A word is a mode or a name if another word follows it, but for types of several words.
        let is_type = match cursor.peek_nth(1) {
            Token::Word(_) => matches!(
                cursor.peek_nth_word(1),
                Some(
                    "precision"
                        | "varying"
                        | "with"
                        | "without"
                        | "year"
                        | "month"
                        | "day"
                        | "hour"
                        | "minute"
                        | "second"
                )
            ),
            _ => true,
        };
        if is_type {
            break;
        }
        let known_mode = cursor.peek_word().and_then(ArgumentMode::from_name);
        match known_mode {
            Some(known) if mode.is_none() => {
                mode = Some(known);
                cursor.advance();
            }
            _ if name.is_none() => name = Some(cursor.any_word()?),
            _ => break,
        }
    }
    let data_type = match cursor.eat(&["refcursor"]) {
        true => ArgumentType::RefCursor,
        false => ArgumentType::Value(data_type(cursor)?),
    };
    Ok(ProcedureArgument { name, mode: mode.unwrap_or_default(), data_type })
}

/// `name [(arguments)]`.
pub(super) fn procedure_signature(cursor: &mut Cursor<'_>) -> Result<ProcedureSignature, SqlError> {
    let name = cursor.table_name()?;
    let arguments = if cursor.at_parenthesis() { Some(arguments(cursor)?) } else { None };
    Ok(ProcedureSignature { name, arguments })
}

/// `ALTER PROCEDURE name [(arguments)] {RENAME TO name | OWNER TO {user | CURRENT_USER | SESSION_USER}}`.
pub(super) fn alter_procedure(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "procedure"])?;
    let procedure = procedure_signature(cursor)?;
    let action = routine_change(cursor)?;
    Ok(Statement::AlterProcedure { procedure, action })
}

/// `RENAME TO name | OWNER TO {user | CURRENT_USER | SESSION_USER}`.
pub(super) fn routine_change(cursor: &mut Cursor<'_>) -> Result<RoutineChange, SqlError> {
    if cursor.eat(&["rename", "to"]) {
        return Ok(RoutineChange::Rename(cursor.name()?));
    }
    if !cursor.eat(&["owner", "to"]) {
        return cursor.expected("RENAME TO or OWNER TO");
    }
    Ok(RoutineChange::OwnerTo(match cursor.eat_one_of(&["current_user", "session_user"]) {
        Some(_) => None,
        None => Some(principal(cursor)?),
    }))
}

/// `DROP PROCEDURE [IF EXISTS] name [(arguments)], … [CASCADE | RESTRICT]`.
pub(super) fn drop_procedure(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["drop", "procedure"])?;
    let if_exists = cursor.eat(&["if", "exists"]);
    let procedures = cursor.comma_separated(procedure_signature)?;
    cursor.eat_one_of(&["cascade", "restrict"]);
    Ok(Statement::DropProcedures { procedures, if_exists })
}

/// `CALL name (value, …)`; a value is no query.
pub(super) fn call(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["call"])?;
    let name = cursor.table_name()?;
    let mut arguments = Vec::new();
    cursor.expect_token(&Token::LParen)?;
    if !cursor.eat_token(&Token::RParen) {
        arguments = cursor.comma_separated(|cursor| {
            let position = cursor.position();
            if cursor.at_query() {
                let message = "cannot use a query as an argument of CALL";
                return Err(SqlError::new(SqlState::FeatureNotSupported, message).at(position));
            }
            cursor.expr()
        })?;
        cursor.expect_token(&Token::RParen)?;
    }
    Ok(Statement::Call(Call { name, arguments }))
}
