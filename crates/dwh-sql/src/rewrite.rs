//! Rules that turn Redshift's meaning into an AST that the planner takes, before planning.
//!
//! The order is: words that only look like columns (`date_part_word`, `bare_function`); then, SELECT by
//! SELECT from the inside out, what depends on the names a FROM offers (`walk`: aliases, labels, TOP, …);
//! then what an expression says by itself (literals, casts, functions). Each rule is one file that opens
//! with the Redshift behaviour it stands for.

mod bare_function;
mod build;
mod cast;
mod catalog_syntax;
mod collate;
mod connect_by;
mod date_part_word;
mod derived_table_alias;
mod distinct_order;
mod exclude_list;
mod expand_array;
mod exponent_literals;
mod fetch_first;
mod function_casts;
mod function_names;
mod group_by_parenthesis;
mod grouping_positions;
mod hidden_columns;
mod integer_literals;
mod interval;
mod large_literals;
mod lateral_alias;
mod leader_node;
mod merged_columns;
mod navigation;
mod nested_grouping;
pub(crate) mod order_by_unselected;
mod ordered_sets;
mod outer_join_operator;
mod output_names;
mod pivot;
mod recursive_terms;
mod refused_clauses;
mod row_constructor;
mod row_sub_query;
pub(crate) mod scope;
mod set_functions;
mod special_calls;
mod substitute;
mod top;
mod typed_literal;
mod unnest;
mod unpivot;
mod walk;
mod where_alias;
mod window_frames;

use std::ops::ControlFlow;

use dwh_common::SqlError;
use sqlparser::ast::{Expr, Query, VisitMut, VisitorMut};

pub use self::output_names::strip_label_marker;
use self::walk::Walker;
use crate::statement::TableName;

/// What the rules must know of the catalog.
pub trait NameResolver {
    /// Column names of a table or view, folded as in the catalog; `None` if there is none of that name.
    fn columns(&self, table: &TableName) -> Option<Vec<String>>;

    /// The columns of a table that `*` leaves out.
    fn hidden_columns(&self, _table: &TableName) -> Vec<String> {
        Vec::new()
    }

    /// How the statement writes the attribute of a SUPER value, if case counts; at a character's position, if that is
    /// known.
    fn spelling(&self, _attribute: &str, _position: Option<usize>) -> Option<String> {
        None
    }
}

/// A rule on one expression whose children have been through the same rules.
type ExprRule = fn(&mut Expr) -> Result<(), SqlError>;

/// Before names are resolved: words that are no columns.
const BEFORE_NAMES: &[ExprRule] =
    &[catalog_syntax::rewrite_arrays, date_part_word::rewrite, bare_function::rewrite];

/// After names are resolved; in this order on each node.
const AFTER_NAMES: &[ExprRule] = &[
    exponent_literals::rewrite,
    large_literals::rewrite,
    catalog_syntax::rewrite,
    function_casts::rewrite,
    interval::rewrite,
    typed_literal::rewrite,
    cast::rewrite,
    special_calls::rewrite,
    collate::rewrite,
    window_frames::rewrite,
    ordered_sets::rewrite,
    function_names::rewrite,
];

/// Rewrites a query in place.
///
/// Every unaliased SELECT item that is no plain column gets Redshift's label as its alias; equal labels of
/// one SELECT are kept apart by a mark that [`strip_label_marker`] takes off again for the client.
///
/// # Errors
/// What Redshift refuses, with its position where the AST has one.
pub fn rewrite_query(query: &mut Query, names: &dyn NameResolver) -> Result<(), SqlError> {
    apply(BEFORE_NAMES, query)?;
    Walker::new(names).query(query)?;
    collate::rewrite_clauses(query)?;
    ordered_sets::check_orders(query)?;
    leader_node::rewrite(query);
    apply(AFTER_NAMES, query)
}

/// Rewrites one expression in place: a value or condition of UPDATE, DELETE, MERGE, VALUES or DEFAULT.
///
/// # Errors
/// As [`rewrite_query`].
pub fn rewrite_expr(expr: &mut Expr, names: &dyn NameResolver) -> Result<(), SqlError> {
    apply(BEFORE_NAMES, expr)?;
    row_sub_query::rewrite(expr);
    Walker::new(names).sub_queries(expr)?;
    apply(AFTER_NAMES, expr)
}

/// Runs rules over every expression of a tree, children first.
fn apply(rules: &[ExprRule], tree: &mut impl VisitMut) -> Result<(), SqlError> {
    struct Runner<'a>(&'a [ExprRule]);
    impl VisitorMut for Runner<'_> {
        type Break = Box<SqlError>;
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Box<SqlError>> {
            match self.0.iter().try_for_each(|rule| rule(expr)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(Box::new(error)),
            }
        }
    }
    match tree.visit(&mut Runner(rules)) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

#[cfg(test)]
mod tests;
