//! A SELECT alias used in WHERE, GROUP BY, HAVING or QUALIFY where no FROM column has its name (RS 10.2).

use sqlparser::ast::{Expr, GroupByExpr, Select};

use super::substitute::Aliases;

/// Inlines the aliases of the SELECT list in its other clauses.
pub(super) fn rewrite(select: &mut Select, aliases: &Aliases) {
    for clause in [&mut select.selection, &mut select.having, &mut select.qualify].into_iter().flatten() {
        aliases.inline(clause);
    }
    if let GroupByExpr::Expressions(exprs, _) = &mut select.group_by {
        // A bare alias is left to the planner: inlined, a number would turn into a position.
        for expr in exprs.iter_mut().filter(|expr| !matches!(expr, Expr::Identifier(_))) {
            aliases.inline(expr);
        }
    }
}
