//! `SELECT TOP n` is LIMIT n (RS 4.4); both together are refused.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Expr, LimitClause, Query, SetExpr, Top, TopQuantity, Values};

use super::build::number;

/// TOP of the query's own SELECT.
pub(super) fn rewrite_query(query: &mut Query) -> Result<(), SqlError> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let Some(top) = select.top.take() else { return Ok(()) };
    if query.limit_clause.is_some() {
        return Err(SqlError::new(SqlState::SyntaxError, "TOP and LIMIT cannot be used together"));
    }
    query.limit_clause = Some(limit(top)?);
    Ok(())
}

/// TOP of one branch of a set operation: the branch becomes a query of its own.
pub(super) fn rewrite_branch(branch: &mut SetExpr) {
    if matches!(branch, SetExpr::Select(select) if select.top.is_some()) {
        let body = Box::new(std::mem::replace(branch, SetExpr::Values(empty_values())));
        *branch = SetExpr::Query(Box::new(Query {
            with: None,
            body,
            order_by: None,
            limit_clause: None,
            fetch: None,
            locks: Vec::new(),
            for_clause: None,
            settings: None,
            format_clause: None,
            pipe_operators: Vec::new(),
        }));
    }
}

fn empty_values() -> Values {
    Values { explicit_row: false, value_keyword: false, rows: Vec::new() }
}

fn limit(top: Top) -> Result<LimitClause, SqlError> {
    if top.percent || top.with_ties {
        return Err(SqlError::unsupported("TOP … PERCENT or WITH TIES"));
    }
    let limit: Expr = match top.quantity {
        Some(TopQuantity::Constant(rows)) => number(rows),
        Some(TopQuantity::Expr(expr)) => expr,
        None => return Err(SqlError::new(SqlState::SyntaxError, "TOP needs a number of rows")),
    };
    Ok(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by: Vec::new() })
}
