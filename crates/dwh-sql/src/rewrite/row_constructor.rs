//! A row `(a, b)` cannot stand where one value is wanted (RS 10.4): refused before it becomes a struct.

use dwh_common::SqlError;
use sqlparser::ast::{Expr, SelectItem, Spanned};

/// Refuses rows in a SELECT list.
pub(super) fn check(projection: &[SelectItem]) -> Result<(), SqlError> {
    for item in projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { continue };
        if let Expr::Tuple(_) = expr {
            let mut error = SqlError::unsupported("a row constructor in the SELECT list")
                .with_hint("write the columns without parentheses around them");
            error.position = usize::try_from(expr.span().start.column).ok().filter(|&column| column > 0);
            return Err(error);
        }
    }
    Ok(())
}
