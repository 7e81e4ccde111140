//! `FROM a JOIN b USING (k)` and NATURAL JOIN have one column `k`, which may be named without a table in every
//! clause: that of the side whose rows are kept, the first that is not NULL in a FULL JOIN.
//!
//! The planner knows such columns in some clauses and not behind a second join. So the join gets an ON, `*` is
//! spelled out (merged columns first, as in PostgreSQL), and each bare name becomes the column that it means.
//! Where the columns of a table cannot be known all is left as it is.

use sqlparser::ast::{
    BinaryOperator, ExcludeSelectItem, Expr, GroupByExpr, Ident, JoinConstraint, JoinOperator, ObjectName,
    OrderBy, OrderByKind, Select, SelectItem, TableFactor, TableWithJoins, VisitMut,
    WildcardAdditionalOptions,
};

use super::build::{binary, call, conjunction};
use super::output_names::label;
use super::scope::{FromColumns, Scope, constraint_mut};
use super::substitute::replace_names;

/// What a SELECT's merged columns are.
#[derive(Default)]
pub(super) struct Merged {
    columns: Vec<(String, Expr)>,
}

/// Rewrites a SELECT whose FROM merges columns, and tells what they are, for its ORDER BY.
pub(super) fn rewrite(select: &mut Select, scope: &Scope<'_>) -> Merged {
    if !scope.from(&select.from).merges_columns {
        return Merged::default();
    }
    let mut from = select.from.clone();
    let Some(tables) = from.iter_mut().map(|table| joined(table, scope)).collect::<Option<Vec<_>>>() else {
        return Merged::default();
    };
    select.from = from;
    let columns: Vec<Column> = tables.into_iter().flatten().collect();
    spell_out(&mut select.projection, &columns);
    let is_only = |column: &&Column| columns.iter().filter(|other| other.name == column.name).count() == 1;
    let merged = columns.iter().filter(|column| column.is_merged).filter(is_only);
    let merged =
        Merged { columns: merged.map(|column| (column.name.clone(), column.value.clone())).collect() };
    for item in &mut select.projection {
        keep_label(item, &merged);
    }
    merged.put(&mut select.projection);
    for clause in [&mut select.selection, &mut select.having, &mut select.qualify].into_iter().flatten() {
        merged.put(clause);
    }
    if let GroupByExpr::Expressions(exprs, _) = &mut select.group_by {
        merged.put(exprs);
    }
    merged
}

impl Merged {
    /// Puts the columns in the place of their bare names. An output column of that name goes first.
    pub(super) fn put_in_order(&self, order: &mut Option<OrderBy>, select: &Select) {
        let Some(OrderByKind::Expressions(sorts)) = order.as_mut().map(|order| &mut order.kind) else {
            return;
        };
        for sort in sorts {
            let is_output =
                |name: &Ident| select.projection.iter().any(|item| is_labelled(item, &name.value));
            if !matches!(&sort.expr, Expr::Identifier(name) if is_output(name)) {
                self.put(&mut sort.expr);
            }
        }
    }

    fn put(&self, tree: &mut impl VisitMut) {
        replace_names(tree, &self.columns);
    }

    fn value(&self, name: &str) -> Option<&Expr> {
        self.columns.iter().find(|(merged, _)| merged == name).map(|(_, value)| value)
    }
}

/// A column of a join.
#[derive(Clone)]
struct Column {
    name: String,
    value: Expr,
    is_merged: bool,
    /// Left out of `*`.
    is_hidden: bool,
}

/// Gives a table's joins their ON, and tells its columns in the order of `*`; `None` if that cannot be known.
fn joined(table: &mut TableWithJoins, scope: &Scope<'_>) -> Option<Vec<Column>> {
    let mut left = columns_of(&mut table.relation, scope)?;
    for join in &mut table.joins {
        let right = columns_of(&mut join.relation, scope)?;
        let keeps = Keeps::of(&join.join_operator);
        let Some(constraint) = constraint_mut(&mut join.join_operator) else {
            left.extend(right);
            continue;
        };
        let names: Vec<String> = match constraint {
            JoinConstraint::Using(names) => names
                .iter()
                .map(|name| Some(name.0.last()?.as_ident()?.value.clone()))
                .collect::<Option<_>>()?,
            JoinConstraint::Natural => {
                let is_common = |name: &String| right.iter().any(|column| column.name == *name);
                left.iter().map(|column| column.name.clone()).filter(is_common).collect()
            }
            _ => {
                left.extend(right);
                continue;
            }
        };
        let mut conditions = Vec::new();
        let mut merged = Vec::new();
        for name in &names {
            let (one, other) = (the_only(&left, name)?, the_only(&right, name)?);
            conditions.push(binary(one.value.clone(), BinaryOperator::Eq, other.value.clone()));
            let value = match keeps? {
                Keeps::Left => one.value.clone(),
                Keeps::Right => other.value.clone(),
                Keeps::Both => call("coalesce", vec![one.value.clone(), other.value.clone()]),
            };
            merged.push(Column { name: name.clone(), value, is_merged: true, is_hidden: false });
        }
        *constraint = conjunction(conditions).map_or(JoinConstraint::None, JoinConstraint::On);
        if matches!(constraint, JoinConstraint::None) {
            join.join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
        }
        let rest = left.into_iter().chain(right).filter(|column| !names.contains(&column.name));
        merged.extend(rest);
        left = merged;
    }
    Some(left)
}

/// The columns of one side of a join.
fn columns_of(factor: &mut TableFactor, scope: &Scope<'_>) -> Option<Vec<Column>> {
    if let TableFactor::NestedJoin { table_with_joins, alias: None } = factor {
        return joined(table_with_joins, scope);
    }
    let mut from = FromColumns::default();
    scope.factor(factor, &mut from);
    let table = from.tables.pop()?;
    let qualifier = table.qualifier?;
    let column = |name: String| Column {
        value: Expr::CompoundIdentifier(vec![qualifier.clone(), Ident::with_quote('"', name.as_str())]),
        is_merged: false,
        is_hidden: table.hidden.contains(&name),
        name,
    };
    Some(table.columns?.into_iter().map(column).collect())
}

/// The column of that name; `None` if there are several, or none.
fn the_only<'c>(columns: &'c [Column], name: &str) -> Option<&'c Column> {
    let mut named = columns.iter().filter(|column| column.name == name);
    named.next().filter(|_| named.next().is_none())
}

/// Whose rows a join keeps, matched or not.
#[derive(Clone, Copy)]
enum Keeps {
    Left,
    Right,
    Both,
}

impl Keeps {
    fn of(operator: &JoinOperator) -> Option<Self> {
        Some(match operator {
            JoinOperator::Join(_)
            | JoinOperator::Inner(_)
            | JoinOperator::Left(_)
            | JoinOperator::LeftOuter(_) => Self::Left,
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => Self::Right,
            JoinOperator::FullOuter(_) => Self::Both,
            _ => return None,
        })
    }
}

/// Replaces `*` by the columns that it means.
fn spell_out(projection: &mut Vec<SelectItem>, columns: &[Column]) {
    for item in std::mem::take(projection) {
        let SelectItem::Wildcard(options) = item else {
            projection.push(item);
            continue;
        };
        let excluded = excluded(&options);
        let shown = columns.iter().filter(|column| !column.is_hidden && !excluded.contains(&column.name));
        projection.extend(shown.map(|column| match &column.value {
            value @ Expr::CompoundIdentifier(_) => SelectItem::UnnamedExpr(value.clone()),
            value => SelectItem::ExprWithAlias {
                expr: value.clone(),
                alias: Ident::with_quote('"', column.name.as_str()),
            },
        }));
    }
}

fn excluded(options: &WildcardAdditionalOptions) -> Vec<String> {
    let name = |name: &ObjectName| name.0.last()?.as_ident().map(|ident| ident.value.clone());
    match &options.opt_exclude {
        Some(ExcludeSelectItem::Single(one)) => name(one).into_iter().collect(),
        Some(ExcludeSelectItem::Multiple(many)) => many.iter().filter_map(name).collect(),
        None => Vec::new(),
    }
}

/// A bare merged column keeps its name as its label, whatever stands for it.
fn keep_label(item: &mut SelectItem, merged: &Merged) {
    if let SelectItem::UnnamedExpr(Expr::Identifier(name)) = item
        && merged.value(&name.value).is_some_and(|value| !matches!(value, Expr::CompoundIdentifier(_)))
    {
        let name = name.clone();
        *item = SelectItem::ExprWithAlias { expr: Expr::Identifier(name.clone()), alias: name };
    }
}

fn is_labelled(item: &SelectItem, name: &str) -> bool {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value == name,
        SelectItem::UnnamedExpr(expr) => label(expr) == name,
        _ => false,
    }
}
