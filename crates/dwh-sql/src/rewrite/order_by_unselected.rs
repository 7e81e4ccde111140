//! `INSERT INTO … SELECT DISTINCT … ORDER BY` an unselected column (RS 10.2).
//!
//! The order of what is inserted has no meaning without a LIMIT, and sorting a DISTINCT by what it does not
//! select is an error to the planner: the ORDER BY goes. Where the sort is by selected columns it stays, as
//! IDENTITY values follow it.

use sqlparser::ast::{Expr, OrderByKind, Query, Select, SelectItem, SetExpr, Value};

/// Drops the ORDER BY of a query whose rows go into a table, where it can have no effect.
pub(crate) fn drop_without_effect(query: &mut Query) {
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return;
    }
    // INSERT INTO t (SELECT …) has the query in parentheses.
    if let SetExpr::Query(inner) = query.body.as_mut() {
        return drop_without_effect(inner);
    }
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    if select.distinct.is_none() || select.top.is_some() {
        return;
    }
    let Some(OrderByKind::Expressions(order)) = query.order_by.as_ref().map(|order_by| &order_by.kind) else {
        return;
    };
    if order.iter().any(|sort| !is_selected(select, &sort.expr)) {
        query.order_by = None;
    }
}

/// Whether a sort expression is a position, an alias, or an item of the SELECT list.
fn is_selected(select: &Select, sort: &Expr) -> bool {
    if matches!(sort, Expr::Value(value) if matches!(value.value, Value::Number(..))) {
        return true;
    }
    select.projection.iter().any(|item| match item {
        SelectItem::UnnamedExpr(expr) => {
            expr == sort || column_name(expr).is_some_and(|c| column_name(sort) == Some(c))
        }
        SelectItem::ExprWithAlias { expr, alias } => {
            expr == sort || matches!(sort, Expr::Identifier(ident) if ident.value == alias.value)
        }
        _ => true,
    })
}

fn column_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Identifier(ident) => Some(&ident.value),
        Expr::CompoundIdentifier(parts) => parts.last().map(|ident| ident.value.as_str()),
        Expr::Nested(inner) => column_name(inner),
        _ => None,
    }
}
