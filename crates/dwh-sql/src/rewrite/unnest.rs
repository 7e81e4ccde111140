//! Unnesting and unpivoting in FROM (AWS guide, "Querying semi-structured data"): `FROM t, t.arr AS x AT i`
//! goes through the array of each row of `t`, `FROM t, UNPIVOT t.obj AS v AT a` through the attributes of an
//! object. `FROM t, UNNEST(t.arr) AS x(v, i)` is the first in other words (the guide's page FROM clause).
//!
//! Such an item becomes `LATERAL (SELECT __super_unnest(t.arr) AS x, __super_ordinal(t.arr) AS i) AS x`; the
//! planner makes one step of it that repeats the row for each element.

use sqlparser::ast::{Expr, Ident, ObjectName, SelectItem, TableAlias, TableFactor, TableWithJoins};

use super::build::{call, select};
use super::scope::{FromColumns, Scope};
use super::{NameResolver, navigation};
use crate::unpivot_path::UNPIVOT_MARK;

/// Rewrites the items of a FROM from left to right; `outer` are the FROMs around it, innermost last.
pub(super) fn rewrite(from: &mut [TableWithJoins], scope: &Scope<'_>, outer: &[FromColumns]) {
    let mut before = FromColumns::default();
    for table in from {
        rewrite_factor(&mut table.relation, &before, outer, scope.names);
        scope.factor(&table.relation, &mut before);
        for join in &mut table.joins {
            rewrite_factor(&mut join.relation, &before, outer, scope.names);
            scope.factor(&join.relation, &mut before);
        }
    }
}

fn rewrite_factor(
    factor: &mut TableFactor,
    before: &FromColumns,
    outer: &[FromColumns],
    names: &dyn NameResolver,
) {
    if let Some(unnested) = unnest_call(factor, before, outer, names) {
        *factor = unnested;
        return;
    }
    let TableFactor::Table { name, alias, args: None, json_path, .. } = factor else { return };
    let Some(mut parts) = idents(name) else { return };
    let unpivots = parts.first().is_some_and(|first| first.value == UNPIVOT_MARK);
    if unpivots {
        parts.remove(0);
    }
    let scopes: Vec<&FromColumns> = std::iter::once(before).chain(outer.iter().rev()).collect();
    if !unpivots && !is_path(&parts, json_path.is_some(), &scopes) {
        return;
    }
    let Some(last) = parts.last().cloned() else { return };
    let mut path = match parts.as_slice() {
        [only] => Expr::Identifier(only.clone()),
        _ => Expr::CompoundIdentifier(parts.clone()),
    };
    if let Some(json_path) = json_path {
        path = Expr::JsonAccess { value: Box::new(path), path: json_path.clone() };
    }
    navigation::rewrite(&mut path, &scopes, names);
    let value = alias.as_ref().map_or(last, |alias| alias.name.clone());
    let position = alias.as_ref().and_then(|alias| alias.at.clone());
    *factor = lateral(path, value.clone(), value, position, unpivots);
}

/// `UNNEST(array) [AS] alias (value [, position])`; without a list of columns the value is called as the table.
fn unnest_call(
    factor: &TableFactor,
    before: &FromColumns,
    outer: &[FromColumns],
    names: &dyn NameResolver,
) -> Option<TableFactor> {
    let TableFactor::UNNEST { alias: Some(alias), array_exprs, .. } = factor else { return None };
    let [array] = array_exprs.as_slice() else { return None };
    let mut columns = alias.columns.iter().map(|column| column.name.clone());
    let (value, position) = (columns.next(), columns.next());
    if columns.next().is_some() {
        return None;
    }
    let scopes: Vec<&FromColumns> = std::iter::once(before).chain(outer.iter().rev()).collect();
    let mut path = array.clone();
    navigation::rewrite(&mut path, &scopes, names);
    let value = value.unwrap_or_else(|| alias.name.clone());
    Some(lateral(path, alias.name.clone(), value, position, false))
}

fn idents(name: &ObjectName) -> Option<Vec<Ident>> {
    name.0.iter().map(|part| part.as_ident().cloned()).collect()
}

/// Whether a name in FROM is a path from a table in sight: its first part is the name of one.
fn is_path(parts: &[Ident], has_steps: bool, scopes: &[&FromColumns]) -> bool {
    let Some(first) = parts.first() else { return false };
    scopes.iter().any(|scope| {
        scope.has_elements(&first.value) || (parts.len() > 1 || has_steps) && scope.has_table(&first.value)
    })
}

fn lateral(path: Expr, table: Ident, value: Ident, position: Option<Ident>, unpivots: bool) -> TableFactor {
    let functions = if unpivots {
        ["__super_attribute_value", "__super_attribute_name"]
    } else {
        ["__super_unnest", "__super_ordinal"]
    };
    let alias = TableAlias { explicit: true, name: table, columns: Vec::new(), at: None };
    let mut projection = vec![item(functions[0], path.clone(), value)];
    projection.extend(position.map(|position| item(functions[1], path, position)));
    TableFactor::Derived {
        lateral: true,
        subquery: Box::new(select(projection)),
        alias: Some(alias),
        sample: None,
    }
}

fn item(function: &str, path: Expr, name: Ident) -> SelectItem {
    SelectItem::ExprWithAlias { expr: call(function, vec![path]), alias: Ident::with_quote('"', name.value) }
}
