//! `SELECT DISTINCT f(x) … ORDER BY f(x)`: the sort names the selected item, not its input.
//!
//! To the planner a DISTINCT has only its labels left to sort by.

use sqlparser::ast::{Distinct, Expr, Ident, OrderByKind, Query, SelectItem, SetExpr};

use super::output_names::{label, marked};

/// Makes sort expressions that repeat a computed item of a SELECT DISTINCT refer to that item.
pub(super) fn rewrite(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    if !matches!(select.distinct, Some(Distinct::Distinct)) {
        return;
    }
    let Some(OrderByKind::Expressions(order)) = query.order_by.as_mut().map(|order_by| &mut order_by.kind)
    else {
        return;
    };
    for sort in order.iter_mut().filter(|sort| is_computed(&sort.expr)) {
        for (index, item) in select.projection.iter_mut().enumerate() {
            if let Some(alias) = alias_of(item, &sort.expr, index) {
                sort.expr = Expr::Identifier(alias);
                break;
            }
        }
    }
}

/// Columns and positions are found by the planner.
fn is_computed(sort: &Expr) -> bool {
    !matches!(sort, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_))
}

/// The alias of an item that is the sort expression; an unnamed one gets its label, marked to be its own.
fn alias_of(item: &mut SelectItem, sort: &Expr, index: usize) -> Option<Ident> {
    match item {
        SelectItem::ExprWithAlias { expr, alias } if expr == sort => Some(alias.clone()),
        SelectItem::UnnamedExpr(expr) if expr == sort => {
            let alias = Ident::with_quote('"', marked(&label(expr), &format!("order{index}")));
            *item = SelectItem::ExprWithAlias { expr: sort.clone(), alias: alias.clone() };
            Some(alias)
        }
        _ => None,
    }
}
