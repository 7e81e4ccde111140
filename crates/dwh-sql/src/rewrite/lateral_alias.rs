//! Lateral column alias: an alias of the SELECT list used later in the same list (RS 4.4, 10.2).
//!
//! `SELECT a + 1 AS b, b * 2` → `SELECT a + 1 AS b, (a + 1) * 2`; a FROM column of that name wins.

use sqlparser::ast::{Expr, SelectItem};

use super::scope::FromColumns;
use super::substitute::Aliases;

/// Inlines aliases left to right; gives back all of them for the other clauses.
pub(super) fn rewrite(projection: &mut [SelectItem], from: &FromColumns, outer: &[FromColumns]) -> Aliases {
    let mut aliases = Aliases::default();
    for item in projection {
        match item {
            SelectItem::UnnamedExpr(expr) => aliases.inline(expr),
            SelectItem::ExprWithAlias { expr, alias } => {
                aliases.inline(expr);
                if !is_same_name(expr, &alias.value) {
                    aliases.add(&alias.value, expr, from, outer);
                }
            }
            _ => {}
        }
    }
    aliases
}

/// `a AS a` says nothing new.
fn is_same_name(expr: &Expr, alias: &str) -> bool {
    matches!(expr, Expr::Identifier(ident) if ident.value == alias)
}
