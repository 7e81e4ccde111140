//! Replaces a SELECT alias by its expression, as Redshift does: it inlines the definition.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, VisitMut, VisitorMut};

use super::build::nested;
use super::scope::FromColumns;

/// The aliases of a SELECT list that may be inlined, with their expressions.
#[derive(Default)]
pub(super) struct Aliases {
    aliases: Vec<(String, Expr)>,
}

impl Aliases {
    /// Adds an alias unless a column in sight has its name, or may have it: a column always wins, and where
    /// the columns of a table cannot be known nothing is inlined, so that a name never silently changes what
    /// it means. `outer` are the FROMs of the queries around, innermost last.
    pub(super) fn add(&mut self, alias: &str, expr: &Expr, from: &FromColumns, outer: &[FromColumns]) {
        if from.may_have(alias) || outer.iter().any(|scope| scope.has(alias)) {
            return;
        }
        self.aliases.retain(|(known, _)| known != alias);
        self.aliases.push((alias.to_owned(), nested(expr.clone())));
    }

    /// Inlines the aliases in an expression. Sub-queries are left alone: they bind to their own tables.
    pub(super) fn inline(&self, tree: &mut impl VisitMut) {
        if self.aliases.is_empty() {
            return;
        }
        let _ = tree.visit(&mut Inliner { aliases: &self.aliases, sub_queries: 0 });
    }
}

struct Inliner<'a> {
    aliases: &'a [(String, Expr)],
    sub_queries: usize,
}

impl VisitorMut for Inliner<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.sub_queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.sub_queries -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.sub_queries == 0
            && let Expr::Identifier(ident) = expr
            && let Some((_, definition)) = self.aliases.iter().find(|(alias, _)| *alias == ident.value)
        {
            *expr = definition.clone();
        }
        ControlFlow::Continue(())
    }
}
