//! One column of CREATE TABLE or ALTER TABLE ADD: attributes and constraints in any order (RS 3.1).

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

use super::attributes::{AttributesInProgress, contradiction};
use super::types::data_type;
use crate::cursor::Cursor;
use crate::statement::{ColumnSpec, ConstraintSpec, ConstraintSpecKind, TableName};

/// Encodings of RS 3.1, lower case.
const ENCODINGS: &[&str] = &[
    "raw",
    "az64",
    "bytedict",
    "delta",
    "delta32k",
    "lzo",
    "mostly8",
    "mostly16",
    "mostly32",
    "runlength",
    "text255",
    "text32k",
    "zstd",
    "auto",
];

/// Reads `name type attribute…`; keys go to the table's constraints and attributes.
pub(super) fn column(
    cursor: &mut Cursor<'_>,
    constraints: &mut Vec<ConstraintSpec>,
    attributes: &mut AttributesInProgress,
) -> Result<ColumnSpec, SqlError> {
    let name = cursor.name()?;
    let data_type = data_type(cursor)?;
    let mut spec = ColumnSpec {
        name,
        data_type,
        not_null: false,
        default: None,
        identity: None,
        encoding: None,
        case_insensitive: false,
    };
    let mut nullable_given = false;
    let mut constraint_name = None;
    loop {
        let position = cursor.position();
        let Some(word) = cursor.peek_word().map(str::to_owned) else { break };
        match word.as_str() {
            "default" => {
                cursor.advance();
                let default = match cursor.expr()? {
                    // sqlparser gives a COLLATE behind a DEFAULT to the expression; it is the column's.
                    Expr::Collate { expr, collation } => {
                        spec.case_insensitive = is_case_insensitive(&collation.to_string(), position)?;
                        *expr
                    }
                    expr => expr,
                };
                if spec.default.replace(default).is_some() {
                    return Err(twice(&spec.name, "DEFAULT").at(position));
                }
            }
            "identity" => {
                cursor.advance();
                // Alone it is refused (RS 10.4), but the guide's page of CREATE TABLE examples writes IDENTITY NOT NULL.
                let (seed, step) =
                    if cursor.at(&["not", "null"]) { IDENTITY_BY_DEFAULT } else { seed_and_step(cursor)? };
                set_identity(&mut spec, (seed, step, false), position)?;
            }
            "generated" => {
                cursor.expect(&["generated", "by", "default", "as", "identity"])?;
                let (seed, step) =
                    if cursor.at_parenthesis() { seed_and_step(cursor)? } else { IDENTITY_BY_DEFAULT };
                set_identity(&mut spec, (seed, step, true), position)?;
            }
            "encode" => {
                cursor.advance();
                let encoding = encoding(cursor)?;
                if spec.encoding.replace(encoding).is_some() {
                    return Err(twice(&spec.name, "ENCODE").at(position));
                }
            }
            "distkey" => {
                cursor.advance();
                attributes.set_key(spec.name.clone(), position)?;
            }
            "sortkey" => {
                cursor.advance();
                attributes.add_column_sort_key(spec.name.clone());
            }
            "collate" => {
                cursor.advance();
                let position = cursor.position();
                spec.case_insensitive = is_case_insensitive(&cursor.any_word()?, position)?;
            }
            "not" => {
                cursor.expect(&["not", "null"])?;
                spec.not_null = true;
            }
            "null" => {
                cursor.advance();
                nullable_given = true;
            }
            "unique" => {
                cursor.advance();
                let constraint = of_column(&spec, &mut constraint_name, ConstraintSpecKind::Unique);
                add_constraint(constraints, constraint, position)?;
            }
            "primary" => {
                cursor.expect(&["primary", "key"])?;
                let constraint = of_column(&spec, &mut constraint_name, ConstraintSpecKind::PrimaryKey);
                add_constraint(constraints, constraint, position)?;
            }
            "references" => {
                let (table, columns) = references(cursor)?;
                let kind = ConstraintSpecKind::References(table, columns);
                add_constraint(constraints, of_column(&spec, &mut constraint_name, kind), position)?;
            }
            "constraint" => {
                cursor.advance();
                constraint_name = Some(cursor.name()?);
            }
            "check" => return Err(check_refused(position)),
            _ => break,
        }
    }
    if nullable_given && (spec.not_null || spec.identity.is_some()) {
        return Err(SqlError::new(
            SqlState::SyntaxError,
            format!("conflicting NULL/NOT NULL declarations for column \"{}\"", spec.name),
        ));
    }
    if spec.identity.is_some() && spec.default.is_some() {
        return Err(contradiction(format!("column \"{}\" has both IDENTITY and DEFAULT", spec.name)));
    }
    spec.not_null |= spec.identity.is_some();
    Ok(spec)
}

/// Seed and step of an identity column that tells none (guide, "CREATE TABLE", Examples).
const IDENTITY_BY_DEFAULT: (i64, i64) = (1, 1);

/// `IDENTITY` must carry its seed and step (RS 10.4).
fn seed_and_step(cursor: &mut Cursor<'_>) -> Result<(i64, i64), SqlError> {
    if !cursor.at_parenthesis() {
        return Err(cursor
            .syntax_error()
            .with_hint("write IDENTITY(seed, step), for example IDENTITY(0, 1)"));
    }
    cursor.expect_token(&Token::LParen)?;
    let seed = cursor.integer()?;
    cursor.expect_token(&Token::Comma)?;
    let step = cursor.integer()?;
    cursor.expect_token(&Token::RParen)?;
    Ok((seed, step))
}

fn set_identity(spec: &mut ColumnSpec, identity: (i64, i64, bool), position: usize) -> Result<(), SqlError> {
    if !matches!(spec.data_type, RedshiftType::Integer | RedshiftType::BigInt) {
        return Err(contradiction(format!(
            "identity column \"{}\" must be INT or BIGINT, not {}",
            spec.name, spec.data_type
        ))
        .at(position));
    }
    if identity.1 == 0 {
        return Err(contradiction(format!("identity column \"{}\" needs a step other than 0", spec.name))
            .at(position));
    }
    if spec.identity.replace(identity).is_some() {
        return Err(twice(&spec.name, "IDENTITY").at(position));
    }
    Ok(())
}

/// A column encoding, lower case.
pub(super) fn encoding(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    match cursor.eat_one_of(ENCODINGS) {
        Some(encoding) => Ok(encoding.to_owned()),
        None => cursor.expected("an encoding such as AZ64, LZO, ZSTD, BYTEDICT, RAW or AUTO"),
    }
}

/// `REFERENCES table [(columns)]`.
pub(super) fn references(cursor: &mut Cursor<'_>) -> Result<(TableName, Vec<String>), SqlError> {
    cursor.expect(&["references"])?;
    let table = cursor.table_name()?;
    Ok((table, cursor.optional_column_list()?))
}

/// The constraint of one column; it takes the name that was read before it.
fn of_column(spec: &ColumnSpec, name: &mut Option<String>, kind: ConstraintSpecKind) -> ConstraintSpec {
    ConstraintSpec { name: name.take(), columns: vec![spec.name.clone()], kind }
}

/// Adds a constraint. A table has one primary key, and its constraints have names of their own.
pub(super) fn add_constraint(
    constraints: &mut Vec<ConstraintSpec>,
    constraint: ConstraintSpec,
    position: usize,
) -> Result<(), SqlError> {
    let is_primary = |constraint: &ConstraintSpec| matches!(constraint.kind, ConstraintSpecKind::PrimaryKey);
    if is_primary(&constraint) && constraints.iter().any(is_primary) {
        return Err(contradiction("multiple primary keys for a table are not allowed").at(position));
    }
    constraints.push(constraint);
    Ok(())
}

/// CHECK is not in Redshift's grammar (RS 3.1).
pub(super) fn check_refused(position: usize) -> SqlError {
    SqlError::unsupported("CHECK constraint")
        .at(position)
        .with_hint("Redshift has no CHECK; test the data after loading it")
}

fn is_case_insensitive(collation: &str, position: usize) -> Result<bool, SqlError> {
    match collation {
        "case_insensitive" | "ci" => Ok(true),
        "case_sensitive" | "cs" => Ok(false),
        other => {
            Err(SqlError::new(SqlState::UndefinedObject, format!("collation \"{other}\" does not exist"))
                .at(position)
                .with_hint("CASE_SENSITIVE and CASE_INSENSITIVE are known"))
        }
    }
}

fn twice(column: &str, what: &str) -> SqlError {
    SqlError::new(SqlState::SyntaxError, format!("column \"{column}\" has {what} more than once"))
}
