//! Replaces names by what they mean: a SELECT alias by its expression, as Redshift does, which inlines the definition.

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
        replace_names(tree, &self.aliases);
    }
}

/// Puts what bare names stand for in their place. Sub-queries are left alone.
pub(super) fn replace_names(tree: &mut impl VisitMut, meanings: &[(String, Expr)]) {
    if !meanings.is_empty() {
        let _ = tree.visit(&mut Replacer { meanings, sub_queries: 0 });
    }
}

struct Replacer<'a> {
    meanings: &'a [(String, Expr)],
    sub_queries: usize,
}

impl VisitorMut for Replacer<'_> {
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
            && let Some((_, meaning)) = self.meanings.iter().find(|(name, _)| *name == ident.value)
        {
            *expr = meaning.clone();
        }
        ControlFlow::Continue(())
    }
}
