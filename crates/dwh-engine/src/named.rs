//! What a query names and where, for the position and the words of its errors.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Expr, Query, TableFactor, Visit, Visitor, visit_relations};

use crate::error::{missing_table, position};

/// The tables and columns that a query names.
#[derive(Default)]
pub(crate) struct Named {
    /// Where each column is named first: DataFusion says it for the select list only.
    columns: HashMap<String, usize>,
    /// The names by which columns can be qualified.
    tables: HashSet<String>,
}

impl Named {
    /// The names in `query`, which was read from `text`.
    pub(crate) fn of(query: &Query, text: &str) -> Self {
        let mut collector = Collector { named: Self::default(), text };
        let _ = query.visit(&mut collector);
        collector.named
    }

    /// The error of a column that does not exist, placed; of another table than those of FROM, it says so.
    pub(crate) fn explain(&self, mut error: SqlError) -> SqlError {
        if error.state != SqlState::UndefinedColumn {
            return error;
        }
        let name = error.message.split('"').nth(1).unwrap_or_default().to_owned();
        let (table, column) = match name.rsplit_once('.') {
            Some((table, column)) => (Some(table), column),
            None => (None, name.as_str()),
        };
        let at = error.position.or_else(|| self.columns.get(column).copied());
        if let Some(table) = table
            && !table.contains('.')
            && !self.tables.contains(table)
        {
            error = missing_table(table);
        }
        SqlError { position: at, ..error }
    }
}

struct Collector<'a> {
    named: Named,
    text: &'a str,
}

impl Visitor for Collector<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        let ident = match expression {
            Expr::Identifier(ident) => Some(ident),
            Expr::CompoundIdentifier(idents) => idents.last(),
            _ => None,
        };
        if let Some(ident) = ident
            && let Some(at) = position(self.text, ident.span.start.line, ident.span.start.column)
        {
            self.named.columns.entry(ident.value.clone()).or_insert(at);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let Some(alias) = alias(factor) {
            self.named.tables.insert(alias);
        }
        ControlFlow::Continue(())
    }
}

fn alias(factor: &TableFactor) -> Option<String> {
    let (alias, name) = match factor {
        TableFactor::Table { alias, name, .. } | TableFactor::Function { alias, name, .. } => {
            (alias, name.0.last().and_then(|part| part.as_ident()))
        }
        TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. }
        | TableFactor::Pivot { alias, .. }
        | TableFactor::Unpivot { alias, .. } => (alias, None),
        _ => return None,
    };
    let name = alias.as_ref().map(|alias| &alias.name).or(name)?;
    Some(name.value.clone())
}

/// Where a query first names each relation, by the last part of its name.
pub(crate) fn relation_positions(query: &Query, text: &str, positions: &mut HashMap<String, usize>) {
    let _ = visit_relations(query, |relation| {
        if let Some(ident) = relation.0.last().and_then(|part| part.as_ident())
            && let Some(at) = position(text, ident.span.start.line, ident.span.start.column)
        {
            positions.entry(ident.value.clone()).or_insert(at);
        }
        ControlFlow::<()>::Continue(())
    });
}
