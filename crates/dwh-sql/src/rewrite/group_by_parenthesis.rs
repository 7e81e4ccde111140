//! `GROUP BY (a)` and `GROUP BY (a, b)` are the list without parentheses (RS 10.2).

use sqlparser::ast::{Expr, GroupByExpr};

/// Takes the parentheses off.
pub(super) fn rewrite(group_by: &mut GroupByExpr) {
    let GroupByExpr::Expressions(exprs, _) = group_by else { return };
    *exprs = std::mem::take(exprs).into_iter().flat_map(flattened).collect();
}

fn flattened(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::Nested(inner) => flattened(*inner),
        Expr::Tuple(exprs) => exprs,
        other => vec![other],
    }
}
