//! Goes through a query SELECT by SELECT, inside out, and applies the rules that need its names.

use std::ops::ControlFlow;

use dwh_common::SqlError;
use sqlparser::ast::{Query, Select, SetExpr, SetOperator, VisitMut, VisitorMut};

use super::merged_columns::Merged;
use super::scope::{FromColumns, Scope};
use super::{
    NameResolver, catalog_syntax, connect_by, derived_table_alias, distinct_order, exclude_list,
    expand_array, fetch_first, group_by_parenthesis, grouping_positions, hidden_columns, integer_literals,
    lateral_alias, merged_columns, navigation, nested_grouping, outer_join_operator, output_names, pivot,
    recursive_terms, refused_clauses, row_constructor, row_sub_query, set_functions, top, unnest, unpivot,
    where_alias,
};

/// Where the walk is.
pub(super) struct Walker<'a> {
    scope: Scope<'a>,
    /// The FROMs around the present SELECT, innermost last.
    outer: Vec<FromColumns>,
    /// Derived tables named so far.
    derived_tables: usize,
}

impl<'a> Walker<'a> {
    pub(super) fn new(names: &'a dyn NameResolver) -> Self {
        Self { scope: Scope::new(names), outer: Vec::new(), derived_tables: 0 }
    }

    /// Rewrites a query and everything in it.
    pub(super) fn query(&mut self, query: &mut Query) -> Result<(), SqlError> {
        refused_clauses::check_query(query)?;
        catalog_syntax::rewrite_order(query);
        fetch_first::rewrite(query)?;
        top::rewrite_query(query)?;
        distinct_order::rewrite(query);
        let depth = self.scope.depth();
        if let Some(with) = &mut query.with {
            for cte in &mut with.cte_tables {
                if with.recursive {
                    self.scope.add_cte(cte);
                }
                self.query(&mut cte.query)?;
                if with.recursive {
                    recursive_terms::rewrite(&mut cte.query);
                }
                self.scope.add_cte(cte);
            }
        }
        let merged = match query.body.as_mut() {
            SetExpr::Select(select) => self.select(select)?,
            body => self.body(body).map(|()| Merged::default())?,
        };
        let result = self.sub_queries(&mut query.order_by);
        if let SetExpr::Select(select) = query.body.as_ref() {
            merged.put_in_order(&mut query.order_by, select);
            let from = self.scope.from(&select.from);
            navigation::rewrite(&mut query.order_by, &self.in_sight(&from), self.scope.names);
        }
        self.scope.back_to(depth);
        result
    }

    fn body(&mut self, body: &mut SetExpr) -> Result<(), SqlError> {
        match body {
            SetExpr::Select(select) => self.select(select).map(drop),
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { op, left, right, .. } => {
                if *op == SetOperator::Minus {
                    *op = SetOperator::Except;
                }
                for branch in [left, right] {
                    top::rewrite_branch(branch);
                    self.body(branch)?;
                }
                Ok(())
            }
            SetExpr::Values(values) => self.sub_queries(values),
            _ => Ok(()),
        }
    }

    /// Rewrites a SELECT, and tells which columns its FROM merges.
    fn select(&mut self, select: &mut Select) -> Result<Merged, SqlError> {
        refused_clauses::check_select(select)?;
        row_constructor::check(&select.projection)?;
        group_by_parenthesis::rewrite(&mut select.group_by);
        catalog_syntax::rewrite_from(&mut select.from);
        set_functions::rewrite_from(&mut select.from)?;
        set_functions::rewrite_items(select)?;
        expand_array::rewrite(select)?;
        nested_grouping::rewrite(&mut select.group_by);
        grouping_positions::rewrite(select)?;
        self.tables(select)?;
        if let Some(condition) = &mut select.selection {
            row_sub_query::rewrite_condition(condition);
        }
        for clause in [&mut select.selection, &mut select.having, &mut select.qualify].into_iter().flatten() {
            row_sub_query::rewrite(clause);
        }
        row_sub_query::rewrite(&mut select.projection);

        // A derived table sees the queries around this one, not the tables beside it.
        self.sub_queries(&mut select.from)?;

        unnest::rewrite(&mut select.from, &self.scope, &self.outer);
        exclude_list::rewrite(select, &self.scope);
        let merged = merged_columns::rewrite(select, &self.scope);
        let from = self.scope.from(&select.from);
        self.outer.push(from);
        self.sub_queries(&mut select.projection)?;
        self.sub_queries(&mut select.selection)?;
        self.sub_queries(&mut select.group_by)?;
        self.sub_queries(&mut select.having)?;
        self.sub_queries(&mut select.qualify)?;
        let from = self.outer.pop().unwrap_or_default();

        hidden_columns::rewrite(&mut select.projection, &from);
        let labels = output_names::labels(&select.projection);
        let in_sight = self.in_sight(&from);
        navigation::rewrite(&mut select.from, &in_sight, self.scope.names);
        navigation::rewrite(&mut select.projection, &in_sight, self.scope.names);
        navigation::rewrite(&mut select.selection, &in_sight, self.scope.names);
        navigation::rewrite(&mut select.group_by, &in_sight, self.scope.names);
        navigation::rewrite(&mut select.having, &in_sight, self.scope.names);
        navigation::rewrite(&mut select.qualify, &in_sight, self.scope.names);
        let aliases = lateral_alias::rewrite(&mut select.projection, &from, &self.outer);
        where_alias::rewrite(select, &aliases);
        output_names::rewrite(&mut select.projection, labels, &from);
        integer_literals::rewrite(&mut select.projection);
        Ok(merged)
    }

    /// A FROM and those around it, innermost first.
    fn in_sight<'f>(&'f self, from: &'f FromColumns) -> Vec<&'f FromColumns> {
        std::iter::once(from).chain(self.outer.iter().rev()).collect()
    }

    /// What stands in FROM, or changes it.
    fn tables(&mut self, select: &mut Select) -> Result<(), SqlError> {
        for table in &mut select.from {
            let joined = table.joins.iter_mut().map(|join| &mut join.relation);
            for factor in std::iter::once(&mut table.relation).chain(joined) {
                pivot::rewrite(factor, &self.scope)?;
                unpivot::rewrite(factor, &self.scope)?;
            }
        }
        derived_table_alias::rewrite(&mut select.from, &mut self.derived_tables);
        if !select.connect_by.is_empty() {
            connect_by::rewrite(select, &self.scope.from(&select.from))?;
        }
        outer_join_operator::rewrite(select, &self.scope.from(&select.from))
    }

    /// Rewrites the sub-queries of an expression or clause, each as a query of its own.
    pub(super) fn sub_queries(&mut self, tree: &mut impl VisitMut) -> Result<(), SqlError> {
        match tree.visit(&mut SubQueries { walker: self, depth: 0 }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(*error),
        }
    }
}

/// Finds the outermost queries of a tree; what is inside them is the walker's.
struct SubQueries<'w, 'a> {
    walker: &'w mut Walker<'a>,
    depth: usize,
}

impl VisitorMut for SubQueries<'_, '_> {
    type Break = Box<SqlError>;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Box<SqlError>> {
        self.depth += 1;
        if self.depth == 1
            && let Err(error) = self.walker.query(query)
        {
            return ControlFlow::Break(Box::new(error));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Box<SqlError>> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}
