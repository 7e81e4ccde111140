//! Statements from text: splits, dispatches on the first words, one file a statement.

mod alter_schema;
mod alter_table;
mod attributes;
mod column;
mod comment;
mod copy;
mod copy_arguments;
mod copy_credentials;
mod copy_options;
mod create_table;
mod cursors;
mod dml;
mod drop;
mod function;
mod grant;
mod group;
mod materialized_view;
mod merge;
mod policy;
mod prepared;
mod procedure;
mod query;
mod settings;
mod show_objects;
mod transaction;
mod types;
mod unload;
mod unload_arguments;
mod unload_query;
mod user;
mod utility;
mod view;

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

use crate::binary_varying;
use crate::cursor::Cursor;
use crate::lex::{StatementTokens, lex};
use crate::object_transform;
use crate::parameters::{self, Parameters};
use crate::redact::redact;
use crate::statement::{ParsedStatement, Statement};
use crate::unpivot_path::{drop_unnest_offset, mark_unpivoted_paths};
use crate::unsupported;

pub use self::copy_options::{copy_clause_words, copy_option_words};
pub use self::function::single_value;
pub use self::prepared::bind_parameters;
pub use self::query::{is_complete, table_name_of};
pub(crate) use self::types::type_error;

/// What a session's settings change about reading text.
#[derive(Debug, Clone, Copy, Default)]
pub struct ParseOptions {
    /// `enable_case_sensitive_identifier`: quoted names keep their case (RS 3.4).
    pub case_sensitive_identifiers: bool,
}

/// Reads statements: several at once, comments anywhere, semicolons missing or doubled (RS 10.2).
///
/// # Errors
/// The first one: `syntax error at or near …` (42601), or a feature refused by name (0A000). The position
/// counts from the start of `sql`. Nothing is returned of a text that has an error anywhere, so that none
/// of it runs.
pub fn parse(sql: &str) -> Result<Vec<ParsedStatement>, SqlError> {
    parse_with(sql, ParseOptions::default())
}

/// [`parse`] under a session's settings.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(sql: &str, options: ParseOptions) -> Result<Vec<ParsedStatement>, SqlError> {
    parse_with_parameters(sql, options, Parameters::Values(&[]))
}

/// [`parse_with`] with values for the text's `$1`, `$2`, ….
///
/// # Errors
/// As [`parse`]; 42P02 for a parameter without a value.
pub fn parse_with_parameters(
    sql: &str,
    options: ParseOptions,
    parameters: Parameters<'_>,
) -> Result<Vec<ParsedStatement>, SqlError> {
    let statements = lex(sql, options.case_sensitive_identifiers)?;
    let parsed = statements.into_iter().map(|mut tokens| {
        parameters::substitute(&mut tokens, parameters)?;
        parse_one(tokens)
    });
    parsed.collect()
}

/// How many parameters a text has: the highest `n` of its `$n`.
///
/// # Errors
/// Text that cannot be cut into tokens.
pub fn parameter_count(sql: &str) -> Result<usize, SqlError> {
    Ok(parameters::highest(&lex(sql, true)?))
}

fn parse_one(mut tokens: StatementTokens<'_>) -> Result<ParsedStatement, SqlError> {
    let text = redact(tokens.text);
    let offset_chars = tokens.start - 1;
    mark_unpivoted_paths(&mut tokens.tokens);
    drop_unnest_offset(&mut tokens.tokens);
    object_transform::mark_clauses(&mut tokens.tokens);
    binary_varying::rename(&mut tokens.tokens);
    let mut cursor = Cursor::new(tokens);
    let statement = statement(&mut cursor)?;
    cursor.expect_end()?;
    Ok(ParsedStatement { statement, text, offset_chars })
}

/// Reads one expression, for example the stored text of a DEFAULT.
///
/// # Errors
/// As [`parse`].
pub fn parse_expression(sql: &str) -> Result<Expr, SqlError> {
    let mut statements = lex(sql, false)?;
    if statements.len() > 1 {
        return Err(SqlError::new(SqlState::SyntaxError, "expected one expression"));
    }
    let Some(tokens) = statements.pop() else {
        return Err(SqlError::new(SqlState::SyntaxError, "syntax error at end of input").at(1));
    };
    let mut cursor = Cursor::new(tokens);
    let expr = cursor.expr()?;
    cursor.expect_end()?;
    Ok(expr)
}

/// Reads the name of a type and its length.
///
/// # Errors
/// 42704 if there is no such type, 42601 if it is none.
pub(crate) fn data_type_of(text: &str, case_sensitive: bool) -> Result<RedshiftType, SqlError> {
    let tokens = lex(text, case_sensitive)?.pop();
    let mut cursor =
        Cursor::new(tokens.ok_or_else(|| SqlError::new(SqlState::SyntaxError, "expected a type"))?);
    let data_type = types::data_type(&mut cursor)?;
    cursor.expect_end()?;
    Ok(data_type)
}

/// Reads one statement at the cursor.
fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if *cursor.peek() == Token::LParen {
        return query::query_or_into(cursor);
    }
    // The word is cloned so that the cursor is free to move.
    let first = cursor.peek_word().unwrap_or_default().to_owned();
    match first.as_str() {
        "select" | "values" => query::query_or_into(cursor),
        "with" => dml::with(cursor),
        "insert" => dml::insert(cursor),
        "update" => dml::update(cursor, None),
        "delete" => dml::delete(cursor, None),
        "merge" => merge::merge(cursor),
        "copy" => copy::copy(cursor),
        "unload" => unload::unload(cursor),
        "create" => create(cursor),
        "drop" => drop::drop(cursor),
        "alter" => alter(cursor),
        "grant" => grant::grant(cursor),
        "revoke" => grant::revoke(cursor),
        "truncate" => utility::truncate(cursor),
        "comment" => comment::comment(cursor),
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" => transaction::transaction(cursor),
        "set" => settings::set(cursor),
        "reset" => settings::reset(cursor),
        "show" => settings::show(cursor),
        "analyze" | "analyse" => utility::analyze(cursor),
        "vacuum" => utility::vacuum(cursor),
        "lock" => utility::lock(cursor),
        "prepare" => prepared::prepare(cursor),
        "execute" => prepared::execute(cursor),
        "deallocate" => prepared::deallocate(cursor),
        "declare" => cursors::declare(cursor),
        "fetch" => cursors::fetch(cursor),
        "close" => cursors::close(cursor),
        "refresh" if cursor.at(&["refresh", "materialized"]) => materialized_view::refresh(cursor),
        "use" => alter_schema::use_database(cursor),
        "call" => procedure::call(cursor),
        "cancel" => utility::cancel(cursor),
        "attach" if policy::at_policy(cursor) => policy::attach(cursor),
        "detach" if policy::at_policy(cursor) || cursor.at(&["detach", "policy"]) => policy::detach(cursor),
        "explain" => {
            cursor.advance();
            let verbose = cursor.eat(&["verbose"]);
            Ok(Statement::Explain { verbose, statement: Box::new(statement(cursor)?) })
        }
        _ => Err(unsupported::refuse(cursor)),
    }
}

/// CREATE …, as far as this version goes.
fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.at(&["create", "view"]) || cursor.at(&["create", "or", "replace", "view"]) {
        return view::create_view(cursor);
    }
    if cursor.at(&["create", "schema"]) {
        return utility::create_schema(cursor);
    }
    match cursor.peek_nth_word(1) {
        Some("user") => return user::create_user(cursor),
        Some("group") => return group::create_group(cursor),
        Some("role") => return group::create_role(cursor),
        Some("function") => return function::create_function(cursor),
        Some("materialized") => return materialized_view::create(cursor),
        Some("procedure") => return procedure::create_procedure(cursor),
        Some("rls" | "masking") => return policy::create(cursor),
        _ if cursor.at(&["create", "or", "replace", "procedure"]) => {
            return procedure::create_procedure(cursor);
        }
        _ if cursor.at(&["create", "or", "replace", "function"]) => return function::create_function(cursor),
        _ => {}
    }
    let table_words: [&[&str]; 5] = [
        &["create", "table"],
        &["create", "temp", "table"],
        &["create", "temporary", "table"],
        &["create", "local", "temp", "table"],
        &["create", "local", "temporary", "table"],
    ];
    if table_words.iter().any(|words| cursor.at(words)) {
        return create_table::create_table(cursor);
    }
    Err(unsupported::refuse(cursor))
}

/// ALTER ….
fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    match cursor.peek_nth_word(1) {
        Some("table") => alter_table::alter_table(cursor),
        Some("user") => user::alter_user(cursor),
        Some("group") => group::alter_group(cursor),
        Some("role") => group::alter_role(cursor),
        Some("schema") => alter_schema::alter_schema(cursor),
        Some("database") => alter_schema::alter_database(cursor),
        Some("materialized") => materialized_view::alter(cursor),
        Some("default") => grant::alter_default_privileges(cursor),
        Some("function") => function::alter_function(cursor),
        Some("procedure") => procedure::alter_procedure(cursor),
        Some("rls" | "masking") => policy::alter(cursor),
        _ => Err(unsupported::refuse(cursor)),
    }
}
