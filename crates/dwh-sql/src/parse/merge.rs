//! MERGE (RS 3.6): both branches, or REMOVE DUPLICATES.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Expr, Spanned, visit_expressions};
use sqlparser::tokenizer::Token;

use super::dml::assignments;
use crate::cursor::Cursor;
use crate::statement::{Merge, MergeAction, MergeMatched, Statement};

/// `MERGE INTO target USING source ON condition …`.
pub(super) fn merge(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["merge", "into"])?;
    let target = cursor.table_name()?;
    if !cursor.at(&["using"]) {
        return Err(cursor.syntax_error().with_hint("the target of MERGE takes no alias; use its own name"));
    }
    cursor.expect(&["using"])?;
    let source = cursor.table_factor()?;
    cursor.expect(&["on"])?;
    let on = cursor.expr()?;
    let action =
        if cursor.eat(&["remove", "duplicates"]) { MergeAction::RemoveDuplicates } else { upsert(cursor)? };
    whole_columns(&on)?;
    if let MergeAction::Upsert { matched, insert_values, .. } = &action {
        insert_values.iter().flatten().try_for_each(whole_columns)?;
        if let MergeMatched::Update(assignments) = matched {
            assignments.iter().filter_map(|(_, value)| value.as_ref()).try_for_each(whole_columns)?;
        }
    }
    Ok(Statement::Merge(Box::new(Merge { target, source, on, action })))
}

/// Elements of a SUPER value have no place in MERGE (guide, "MERGE", Usage notes).
fn whole_columns(expr: &Expr) -> Result<(), SqlError> {
    let part = visit_expressions(expr, |part| match part {
        Expr::CompoundFieldAccess { .. } | Expr::JsonAccess { .. } => {
            ControlFlow::Break(part.span().start.column)
        }
        _ => ControlFlow::Continue(()),
    });
    let ControlFlow::Break(column) = part else { return Ok(()) };
    let error = SqlError::new(
        SqlState::FeatureNotSupported,
        "Partial reference of SUPER column is not supported in MERGE statement.",
    );
    Err(match usize::try_from(column) {
        Ok(position) if position > 0 => error.at(position),
        _ => error,
    })
}

fn upsert(cursor: &mut Cursor<'_>) -> Result<MergeAction, SqlError> {
    let mut matched = None;
    let mut inserted = None;
    while cursor.at(&["when"]) {
        let position = cursor.position();
        cursor.expect(&["when"])?;
        let not = cursor.eat(&["not"]);
        cursor.expect(&["matched"])?;
        if cursor.at(&["and"]) {
            return Err(cursor
                .syntax_error()
                .with_hint("MERGE takes no further conditions; put them into ON or the source"));
        }
        cursor.expect(&["then"])?;
        let repeated = if not {
            inserted.replace(insert(cursor)?).is_some()
        } else {
            matched.replace(matched_action(cursor)?).is_some()
        };
        if repeated {
            return Err(
                SqlError::new(SqlState::SyntaxError, "MERGE takes each WHEN branch once").at(position)
            );
        }
    }
    match (matched, inserted) {
        (Some(matched), Some((insert_columns, insert_values))) => {
            Ok(MergeAction::Upsert { matched, insert_columns, insert_values })
        }
        _ => Err(cursor
            .syntax_error()
            .with_detail("MERGE needs both WHEN MATCHED and WHEN NOT MATCHED, or REMOVE DUPLICATES")),
    }
}

fn matched_action(cursor: &mut Cursor<'_>) -> Result<MergeMatched, SqlError> {
    if cursor.eat(&["delete"]) {
        return Ok(MergeMatched::Delete);
    }
    cursor.expect(&["update", "set"])?;
    Ok(MergeMatched::Update(assignments(cursor)?))
}

type InsertBranch = (Vec<String>, Vec<Option<Expr>>);

fn insert(cursor: &mut Cursor<'_>) -> Result<InsertBranch, SqlError> {
    cursor.expect(&["insert"])?;
    let columns = cursor.optional_column_list()?;
    cursor.expect(&["values"])?;
    let position = cursor.position();
    cursor.expect_token(&Token::LParen)?;
    let values = cursor.comma_separated(Cursor::expr_or_default)?;
    cursor.expect_token(&Token::RParen)?;
    if !columns.is_empty() && columns.len() != values.len() {
        return Err(SqlError::new(
            SqlState::SyntaxError,
            format!("INSERT names {} columns but has {} values", columns.len(), values.len()),
        )
        .at(position));
    }
    Ok((columns, values))
}
