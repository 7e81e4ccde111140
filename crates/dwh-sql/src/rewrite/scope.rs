//! Which column names a FROM offers, worked out from the AST and the catalog.

use std::collections::HashSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Cte, Expr, Ident, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, TableAlias, TableFactor, TableWithJoins, Visit, Visitor,
    WildcardAdditionalOptions,
};

use super::NameResolver;
use super::output_names::label;
use crate::parse::table_name_of;

/// Names of all WITH queries, at any depth.
pub(crate) fn cte_names(query: &Query) -> HashSet<String> {
    struct Collector(HashSet<String>);
    impl Visitor for Collector {
        type Break = ();
        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
            self.0.extend(ctes.map(|cte| cte.alias.name.value.clone()));
            ControlFlow::Continue(())
        }
    }
    let mut collector = Collector(HashSet::new());
    let _ = query.visit(&mut collector);
    collector.0
}

/// One table of a FROM.
#[derive(Default)]
pub(super) struct FromTable {
    /// What its columns are qualified with.
    pub(super) qualifier: Option<Ident>,
    /// The schema that is written before its name.
    schema: Option<Ident>,
    /// Its columns; `None` if they cannot be known here.
    pub(super) columns: Option<Vec<String>>,
    /// Whether it goes through the elements of a SUPER value (`unnest`): its name is that of its value.
    pub(super) elements: bool,
    /// Those of its columns that `*` leaves out.
    pub(super) hidden: Vec<String>,
}

impl FromTable {
    fn is_called(&self, name: &str) -> bool {
        self.qualifier.as_ref().is_some_and(|qualifier| qualifier.value == name)
    }

    fn has_column(&self, name: &str) -> bool {
        self.columns.as_ref().is_some_and(|columns| columns.iter().any(|column| column == name))
    }
}

/// The tables of a FROM.
#[derive(Default)]
pub(super) struct FromColumns {
    pub(super) tables: Vec<FromTable>,
    /// USING or NATURAL merge columns, so that `*` is not the tables one after another.
    pub(super) merges_columns: bool,
}

impl FromColumns {
    /// Whether a table has a column of this name, or may have one.
    pub(super) fn may_have(&self, name: &str) -> bool {
        self.tables.iter().any(|table| match &table.columns {
            Some(columns) => columns.iter().any(|column| column == name),
            None => true,
        })
    }

    /// Whether a table is known to have a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut columns = self.tables.iter().filter_map(|table| table.columns.as_ref()).flatten();
        columns.any(|column| column == name)
    }

    /// Whether a table goes by this name.
    pub(super) fn has_table(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.is_called(name))
    }

    /// Whether what goes by this name are the elements of a SUPER value.
    pub(super) fn has_elements(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.elements && table.is_called(name))
    }

    /// The column that a compound name begins with, behind its table, and how many of the name's parts name it; `None` if
    /// it fits no table, or only one whose columns cannot be known.
    pub(super) fn qualified_column_of(&self, parts: &[Ident]) -> Option<(Vec<Ident>, usize)> {
        let [first, rest @ ..] = parts else { return None };
        if let Some(table) = self.tables.iter().find(|table| table.is_called(&first.value)) {
            if table.elements {
                return Some((vec![first.clone(), first.clone()], 1));
            }
            let column = rest.first()?;
            return table.has_column(&column.value).then(|| (vec![first.clone(), column.clone()], 2));
        }
        // schema.table.column
        let [table, column, ..] = rest else { return None };
        let is_there = self.tables.iter().any(|t| t.is_called(&table.value) && t.has_column(&column.value));
        is_there.then(|| (vec![first.clone(), table.clone(), column.clone()], 3))
    }

    /// The schema that a table of this name was given in, or one for it to go by.
    pub(super) fn schema_of(&self, table: &str) -> Ident {
        let found = self.tables.iter().find(|known| known.is_called(table));
        found.and_then(|table| table.schema.clone()).unwrap_or_else(|| Ident::new("outer"))
    }

    /// The column that a compound name begins with, without its table.
    pub(super) fn leading_column_of(&self, parts: &[Ident]) -> Option<(Vec<Ident>, usize)> {
        let first = parts.first()?;
        let is_column = self.has(&first.value) && !self.has_table(&first.value);
        is_column.then(|| (vec![first.clone()], 1))
    }

    /// Whether every table's columns are known.
    pub(super) fn is_complete(&self) -> bool {
        self.tables.iter().all(|table| table.columns.is_some())
    }

    /// The place of the table that a column reference means, if that is certain.
    pub(super) fn table_of(&self, expr: &Expr) -> Option<usize> {
        let has = |table: &FromTable, name: &str| {
            table.columns.as_ref().is_some_and(|columns| columns.iter().any(|column| column == name))
        };
        match expr {
            Expr::Identifier(ident) => self.tables.iter().position(|table| has(table, &ident.value)),
            Expr::CompoundIdentifier(parts) => {
                let [.., qualifier, _] = parts.as_slice() else { return None };
                self.tables.iter().position(|table| {
                    table.qualifier.as_ref().is_some_and(|own| own.value == qualifier.value)
                })
            }
            _ => None,
        }
    }

    /// The tables that a qualified wildcard means.
    pub(super) fn qualified(&self, qualifier: &ObjectName) -> Option<&FromTable> {
        let last = qualifier.0.last()?.as_ident()?;
        self.tables.iter().find(|table| table.qualifier.as_ref().is_some_and(|q| q.value == last.value))
    }
}

/// The WITH queries in sight and the catalog behind them.
pub(super) struct Scope<'a> {
    pub(super) names: &'a dyn NameResolver,
    ctes: Vec<(String, Option<Vec<String>>)>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(names: &'a dyn NameResolver) -> Self {
        Self { names, ctes: Vec::new() }
    }

    /// How many WITH queries are in sight, to go back to.
    pub(super) fn depth(&self) -> usize {
        self.ctes.len()
    }

    /// Forgets the WITH queries behind a depth.
    pub(super) fn back_to(&mut self, depth: usize) {
        self.ctes.truncate(depth);
    }

    /// Brings a WITH query into sight.
    pub(super) fn add_cte(&mut self, cte: &Cte) {
        let columns = renamed(self.output(&cte.query), &cte.alias);
        self.ctes.push((cte.alias.name.value.clone(), columns));
    }

    /// The columns of a FROM.
    pub(super) fn from(&self, from: &[TableWithJoins]) -> FromColumns {
        let mut result = FromColumns::default();
        for table in from {
            self.joined(table, &mut result);
        }
        result
    }

    /// The columns of one table of a FROM; `None` if they cannot be known.
    pub(super) fn factor_columns(&self, factor: &TableFactor) -> Option<Vec<String>> {
        let mut result = FromColumns::default();
        self.factor(factor, &mut result);
        result.tables.pop()?.columns
    }

    fn joined(&self, table: &TableWithJoins, result: &mut FromColumns) {
        self.factor(&table.relation, result);
        for join in &table.joins {
            self.factor(&join.relation, result);
            result.merges_columns |= merges_columns(&join.join_operator);
        }
    }

    pub(super) fn factor(&self, factor: &TableFactor, result: &mut FromColumns) {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let own_name = name.0.last().and_then(|part| part.as_ident()).cloned();
                let columns = with_alias(self.table(name), alias.as_ref());
                let qualifier = alias.as_ref().map(|alias| alias.name.clone()).or(own_name);
                let schema = match name.0.as_slice() {
                    [.., schema, _] if alias.is_none() => schema.as_ident().cloned(),
                    _ => None,
                };
                let hidden = self.hidden(name);
                result.tables.push(FromTable { qualifier, schema, columns, elements: false, hidden });
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let columns = with_alias(self.output(subquery), alias.as_ref());
                let qualifier = alias.as_ref().map(|alias| alias.name.clone());
                // LATERAL is no word of Redshift: only unnesting makes such tables, in PartiQL's form with the
                // name of their value.
                let value = columns.as_ref().and_then(|columns| columns.first());
                let elements = *lateral && qualifier.as_ref().is_some_and(|name| value == Some(&name.value));
                result.tables.push(FromTable { qualifier, columns, elements, ..FromTable::default() });
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                self.joined(table_with_joins, result)
            }
            TableFactor::NestedJoin { alias: Some(alias), .. }
            | TableFactor::Table { alias: Some(alias), .. }
            | TableFactor::Function { alias: Some(alias), .. }
            | TableFactor::TableFunction { alias: Some(alias), .. }
            | TableFactor::UNNEST { alias: Some(alias), .. } => {
                let columns = with_alias(None, Some(alias));
                result.tables.push(FromTable {
                    qualifier: Some(alias.name.clone()),
                    columns,
                    ..FromTable::default()
                });
            }
            _ => result.tables.push(FromTable::default()),
        }
    }

    fn table(&self, name: &ObjectName) -> Option<Vec<String>> {
        let table = table_name_of(name);
        if table.schema.is_none()
            && let Some((_, columns)) = self.ctes.iter().rfind(|(cte, _)| *cte == table.name)
        {
            return columns.clone();
        }
        self.names.columns(&table)
    }

    /// The columns of a named table that `*` leaves out.
    fn hidden(&self, name: &ObjectName) -> Vec<String> {
        let table = table_name_of(name);
        if table.schema.is_none() && self.ctes.iter().any(|(cte, _)| *cte == table.name) {
            return Vec::new();
        }
        self.names.hidden_columns(&table)
    }

    /// The column names of a query's result; `None` if they cannot be known.
    pub(super) fn output(&self, query: &Query) -> Option<Vec<String>> {
        if query.with.is_some() {
            let mut inner = Scope { names: self.names, ctes: self.ctes.clone() };
            for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
                inner.add_cte(cte);
            }
            return inner.output_of(&query.body);
        }
        self.output_of(&query.body)
    }

    fn output_of(&self, body: &SetExpr) -> Option<Vec<String>> {
        match body {
            SetExpr::Select(select) => self.output_of_select(select),
            SetExpr::Query(query) => self.output(query),
            SetExpr::SetOperation { left, .. } => self.output_of(left),
            SetExpr::Values(values) => {
                let width = values.rows.first().map_or(0, |row| row.content.len());
                Some((1..=width).map(|n| format!("column{n}")).collect())
            }
            _ => None,
        }
    }

    fn output_of_select(&self, select: &Select) -> Option<Vec<String>> {
        let mut output = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => output.push(column_or_label(expr)),
                SelectItem::ExprWithAlias { alias, .. } => output.push(alias.value.clone()),
                SelectItem::Wildcard(options) if is_plain(options) => {
                    let from = self.from(&select.from);
                    if from.merges_columns {
                        return None;
                    }
                    for table in from.tables {
                        output.extend(table.columns?);
                    }
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
                    if is_plain(options) =>
                {
                    output.extend(self.from(&select.from).qualified(name)?.columns.clone()?);
                }
                _ => return None,
            }
        }
        Some(output)
    }
}

/// Whether a wildcard has no EXCLUDE, RENAME and the like.
pub(super) fn is_plain(options: &WildcardAdditionalOptions) -> bool {
    options.opt_ilike.is_none()
        && options.opt_exclude.is_none()
        && options.opt_except.is_none()
        && options.opt_replace.is_none()
        && options.opt_rename.is_none()
        && options.opt_alias.is_none()
}

fn column_or_label(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(ident) => ident.value.clone(),
        other => label(other),
    }
}

/// Column names under a table alias: `t (a, b)` renames, and a table function named `n` has a column `n`.
fn with_alias(columns: Option<Vec<String>>, alias: Option<&TableAlias>) -> Option<Vec<String>> {
    match alias {
        Some(alias) => renamed(columns, alias),
        None => columns,
    }
}

fn renamed(columns: Option<Vec<String>>, alias: &TableAlias) -> Option<Vec<String>> {
    if alias.columns.is_empty() {
        return columns;
    }
    let mut renamed: Vec<String> = alias.columns.iter().map(|column| column.name.value.clone()).collect();
    renamed.extend(columns.into_iter().flatten().skip(alias.columns.len()));
    Some(renamed)
}

fn merges_columns(join: &JoinOperator) -> bool {
    matches!(constraint(join), Some(JoinConstraint::Using(_) | JoinConstraint::Natural))
}

/// What a join of the guide's FROM clause is on.
pub(super) fn constraint(join: &JoinOperator) -> Option<&JoinConstraint> {
    match join {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint) => Some(constraint),
        _ => None,
    }
}

/// The same, to be changed.
pub(super) fn constraint_mut(join: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    match join {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint) => Some(constraint),
        _ => None,
    }
}
