//! Rules that turn Redshift's meaning into an AST that the planner takes, in order, before planning.

pub(crate) mod scope;

use dwh_common::SqlError;
use sqlparser::ast::{Expr, Query};

use crate::statement::TableName;

/// What the rules must know of the catalog.
pub trait NameResolver {
    /// Column names of a table or view, folded as in the catalog; `None` if there is none of that name.
    fn columns(&self, table: &TableName) -> Option<Vec<String>>;
}

/// Marks the number behind a label that had to be made unique; never part of a name a user can write.
const LABEL_MARKER: char = '\u{1}';

/// The label as the client sees it, without the mark that keeps equal labels of one SELECT apart.
pub fn strip_label_marker(label: &str) -> &str {
    label.split(LABEL_MARKER).next().unwrap_or(label)
}

/// Rewrites a query in place.
///
/// # Errors
/// What Redshift refuses, with its position where the AST has one.
pub fn rewrite_query(query: &mut Query, names: &dyn NameResolver) -> Result<(), SqlError> {
    let _ = (query, names);
    Ok(())
}

/// Rewrites one expression in place: a value or condition of UPDATE, DELETE, MERGE, VALUES or DEFAULT.
///
/// # Errors
/// As [`rewrite_query`].
pub fn rewrite_expr(expr: &mut Expr, names: &dyn NameResolver) -> Result<(), SqlError> {
    let _ = (expr, names);
    Ok(())
}
