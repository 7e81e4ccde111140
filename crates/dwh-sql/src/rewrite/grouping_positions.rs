//! `GROUP BY ROLLUP (1, 2)`: numbers within ROLLUP, CUBE and GROUPING SETS are places in the SELECT list, as they are in
//! a plain GROUP BY.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Expr, GroupByExpr, Select, SelectItem, Value};

use crate::lex::position_of;

/// Puts the expressions of the SELECT list in place of their numbers.
pub(super) fn rewrite(select: &mut Select) -> Result<(), SqlError> {
    let GroupByExpr::Expressions(exprs, _) = &mut select.group_by else { return Ok(()) };
    for expr in exprs {
        if let Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) = expr {
            for key in sets.iter_mut().flatten() {
                if let Some(item) = item_of(key, &select.projection)? {
                    *key = item;
                }
            }
        }
    }
    Ok(())
}

/// What stands in the SELECT list at the place that a key names; `None` if it names none.
fn item_of(key: &Expr, items: &[SelectItem]) -> Result<Option<Expr>, SqlError> {
    if let Expr::Nested(inner) = key {
        return item_of(inner, items);
    }
    let Expr::Value(value) = key else { return Ok(None) };
    let Value::Number(number, _) = &value.value else { return Ok(None) };
    let place = number.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    match place.and_then(|place| items.get(place)) {
        Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => {
            Ok(Some(expr.clone()))
        }
        // Which columns `*` stands for is the planner's to know.
        Some(_) => Ok(None),
        None => Err(SqlError::new(
            SqlState::InvalidColumnReference,
            format!("GROUP BY position {number} is not in select list"),
        )
        .at(position_of(value.span.start))),
    }
}
