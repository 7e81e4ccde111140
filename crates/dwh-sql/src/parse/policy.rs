//! CREATE, ALTER, DROP, ATTACH and DETACH of RLS POLICY and MASKING POLICY.

use dwh_common::{RedshiftType, SqlError};
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

use super::types::data_type;
use super::user::principal;
use crate::cursor::Cursor;
use crate::statement::{
    AttachMask, ColumnPathName, Conjunction, CreatePolicy, GranteeName, PolicyKind, PolicyStatement,
    Statement,
};

/// Whether `<verb> {RLS | MASKING} POLICY` comes next.
pub(super) fn at_policy(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek_nth_word(1), Some("rls" | "masking"))
}

/// `CREATE {RLS | MASKING} POLICY [IF NOT EXISTS] name [WITH (column type, …) [[AS] alias]] USING (expression, …)`.
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create"])?;
    let kind = kind(cursor)?;
    // The guide's page CREATE MASKING POLICY has it behind the name.
    let ahead = cursor.eat(&["if", "not", "exists"]);
    let name = cursor.name()?;
    let if_not_exists = ahead || cursor.eat(&["if", "not", "exists"]);
    let (mut columns, mut alias) = (Vec::new(), None);
    if cursor.eat(&["with"]) {
        cursor.expect_token(&Token::LParen)?;
        columns = cursor.comma_separated(|cursor| -> Result<(String, RedshiftType), SqlError> {
            Ok((cursor.name()?, data_type(cursor)?))
        })?;
        cursor.expect_token(&Token::RParen)?;
        if kind == PolicyKind::Rows && (cursor.eat(&["as"]) || !cursor.at(&["using"])) {
            alias = Some(cursor.name()?);
        }
    }
    let expressions = using(cursor, kind)?;
    let create = CreatePolicy { kind, name, if_not_exists, columns, alias, expressions };
    Ok(Statement::Policy(PolicyStatement::Create(create)))
}

/// `ALTER {RLS | MASKING} POLICY name USING (expression, …)`.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter"])?;
    let kind = kind(cursor)?;
    let name = cursor.name()?;
    let expressions = using(cursor, kind)?;
    Ok(Statement::Policy(PolicyStatement::Alter { kind, name, expressions }))
}

/// `DROP {RLS | MASKING} POLICY [IF EXISTS] name [CASCADE | RESTRICT]`.
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["drop"])?;
    let kind = kind(cursor)?;
    let if_exists = cursor.eat(&["if", "exists"]);
    let name = cursor.name()?;
    let cascade = cursor.eat_one_of(&["cascade", "restrict"]) == Some("cascade");
    Ok(Statement::Policy(PolicyStatement::Drop { kind, name, if_exists, cascade }))
}

/// `ATTACH RLS POLICY name ON [TABLE] relation, … TO grantee, …`, or
/// `ATTACH MASKING POLICY name ON relation (column, …) [USING (column, …)] TO grantee [PRIORITY n]`.
pub(super) fn attach(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["attach"])?;
    if kind(cursor)? == PolicyKind::Rows {
        return rows(cursor, false);
    }
    let name = cursor.name()?;
    cursor.expect(&["on"])?;
    cursor.eat(&["table"]);
    let relation = cursor.table_name()?;
    let outputs = column_paths(cursor)?;
    let inputs = if cursor.eat(&["using"]) { column_paths(cursor)? } else { Vec::new() };
    cursor.expect(&["to"])?;
    let to = grantee(cursor)?;
    let position = cursor.position();
    let priority = if cursor.eat(&["priority"]) { cursor.integer()? } else { 0 };
    let Ok(priority) = i32::try_from(priority) else {
        return Err(cursor.syntax_error().at(position).with_detail("a priority is an INTEGER"));
    };
    let attach = AttachMask { name, relation, outputs, inputs, to, priority };
    Ok(Statement::Policy(PolicyStatement::AttachMask(attach)))
}

/// `DETACH RLS POLICY name ON [TABLE] relation, … FROM grantee, …`, or
/// `DETACH MASKING POLICY name ON relation (column, …) FROM grantee`.
pub(super) fn detach(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["detach"])?;
    // The guide's page DETACH RLS POLICY leaves RLS out once.
    let is_rows = cursor.eat(&["policy"]) || kind(cursor)? == PolicyKind::Rows;
    if is_rows {
        return rows(cursor, true);
    }
    let name = cursor.name()?;
    cursor.expect(&["on"])?;
    cursor.eat(&["table"]);
    let relation = cursor.table_name()?;
    let outputs = column_paths(cursor)?;
    cursor.expect(&["from"])?;
    let from = grantee(cursor)?;
    Ok(Statement::Policy(PolicyStatement::DetachMask { name, relation, outputs, from }))
}

/// `ROW LEVEL SECURITY {ON | OFF} [CONJUNCTION TYPE {AND | OR}]`, behind ALTER TABLE or ALTER MATERIALIZED VIEW:
/// `None` is OFF.
pub(super) fn row_level_security(cursor: &mut Cursor<'_>) -> Result<Option<Conjunction>, SqlError> {
    cursor.expect(&["row", "level", "security"])?;
    refuse_datashares(cursor)?;
    let Some(switch) = cursor.eat_one_of(&["on", "off"]) else { return cursor.expected("ON or OFF") };
    let mut conjunction = Conjunction::And;
    if switch == "on" && cursor.eat(&["conjunction", "type"]) {
        conjunction = match cursor.eat_one_of(&["and", "or"]) {
            Some("or") => Conjunction::Or,
            Some(_) => Conjunction::And,
            None => return cursor.expected("AND or OR"),
        };
    }
    refuse_datashares(cursor)?;
    Ok((switch == "on").then_some(conjunction))
}

fn refuse_datashares(cursor: &Cursor<'_>) -> Result<(), SqlError> {
    if cursor.at(&["for", "datashares"]) {
        return Err(SqlError::unsupported("ROW LEVEL SECURITY … FOR DATASHARES").at(cursor.position()));
    }
    Ok(())
}

fn kind(cursor: &mut Cursor<'_>) -> Result<PolicyKind, SqlError> {
    let kind = match cursor.eat_one_of(&["rls", "masking"]) {
        Some("rls") => PolicyKind::Rows,
        Some(_) => PolicyKind::Masking,
        None => return cursor.expected("RLS POLICY or MASKING POLICY"),
    };
    cursor.expect(&["policy"])?;
    Ok(kind)
}

fn using(cursor: &mut Cursor<'_>, kind: PolicyKind) -> Result<Vec<Expr>, SqlError> {
    cursor.expect(&["using"])?;
    cursor.expect_token(&Token::LParen)?;
    let expressions = match kind {
        PolicyKind::Rows => vec![cursor.expr()?],
        PolicyKind::Masking => cursor.comma_separated(Cursor::expr)?,
    };
    cursor.expect_token(&Token::RParen)?;
    // `USING ((a, b))` is the same tuple.
    match <[Expr; 1]>::try_from(expressions) {
        Ok([Expr::Tuple(parts)]) if kind == PolicyKind::Masking => Ok(parts),
        Ok([one]) => Ok(vec![one]),
        Err(several) => Ok(several),
    }
}

fn rows(cursor: &mut Cursor<'_>, detach: bool) -> Result<Statement, SqlError> {
    let name = cursor.name()?;
    cursor.expect(&["on"])?;
    cursor.eat(&["table"]);
    let relations = cursor.table_names()?;
    cursor.expect(&[if detach { "from" } else { "to" }])?;
    let to = cursor.comma_separated(grantee)?;
    Ok(Statement::Policy(PolicyStatement::AttachRows { name, relations, to, detach }))
}

pub(super) fn grantee(cursor: &mut Cursor<'_>) -> Result<GranteeName, SqlError> {
    if cursor.eat(&["public"]) {
        return Ok(GranteeName::Public);
    }
    if cursor.eat(&["role"]) {
        return principal(cursor).map(GranteeName::Role);
    }
    principal(cursor).map(GranteeName::User)
}

fn column_paths(cursor: &mut Cursor<'_>) -> Result<Vec<ColumnPathName>, SqlError> {
    cursor.expect_token(&Token::LParen)?;
    let paths = cursor.comma_separated(|cursor| {
        let position = cursor.position();
        let column = cursor.name()?;
        let mut path = Vec::new();
        while cursor.eat_token(&Token::Period) {
            path.push(cursor.any_word()?);
        }
        Ok(ColumnPathName { column, path, position })
    })?;
    cursor.expect_token(&Token::RParen)?;
    Ok(paths)
}
