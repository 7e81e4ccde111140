//! Both terms of a recursive WITH get fields without declared lengths: the planner takes them only if they agree in
//! those too, and `s || 'b'` has another one than `s`. Columns that stay columns keep what was declared.

use sqlparser::ast::{Expr, Query, Select, SelectItem, SetExpr};

use super::build::call;

/// The engine's function that gives its argument back without what was declared for it.
const PLAIN_VALUE: &str = "__plain_value";

/// Rewrites the terms of `first UNION ALL recursive`; anything else stays.
pub(super) fn rewrite(query: &mut Query) {
    let SetExpr::SetOperation { left, right, .. } = query.body.as_mut() else { return };
    let (SetExpr::Select(first), SetExpr::Select(recursive)) = (left.as_mut(), right.as_mut()) else {
        return;
    };
    if first.projection.len() != recursive.projection.len() || has_wildcard(first) || has_wildcard(recursive)
    {
        return;
    }
    for (left, right) in first.projection.iter_mut().zip(&mut recursive.projection) {
        if !(is_column(left) && is_column(right)) {
            without_declaration(left);
            without_declaration(right);
        }
    }
}

fn has_wildcard(select: &Select) -> bool {
    let is_item =
        |item: &SelectItem| matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. });
    !select.projection.iter().all(is_item)
}

fn is_column(item: &SelectItem) -> bool {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        }
        _ => false,
    }
}

fn without_declaration(item: &mut SelectItem) {
    match item {
        SelectItem::ExprWithAlias { expr, .. } => {
            let inner = std::mem::replace(expr, Expr::Tuple(Vec::new()));
            *expr = call(PLAIN_VALUE, vec![inner]);
        }
        SelectItem::UnnamedExpr(expr) => {
            let name = match &*expr {
                Expr::Identifier(name) => Some(name.clone()),
                Expr::CompoundIdentifier(parts) => parts.last().cloned(),
                _ => None,
            };
            let inner = std::mem::replace(expr, Expr::Tuple(Vec::new()));
            let expr = call(PLAIN_VALUE, vec![inner]);
            *item = match name {
                Some(alias) => SelectItem::ExprWithAlias { expr, alias },
                None => SelectItem::UnnamedExpr(expr),
            };
        }
        _ => {}
    }
}
