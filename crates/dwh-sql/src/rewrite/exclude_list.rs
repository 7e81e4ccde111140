//! EXCLUDE ends the SELECT list and takes columns out of all of it, with or without parentheses around their names
//! (guide, "EXCLUDE column_list"). The parser takes it for a part of the `*` in front of it, and without parentheses
//! for one name, behind which the list goes on.

use sqlparser::ast::{
    ExcludeSelectItem, Expr, Ident, ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind,
};

use super::scope::{FromColumns, Scope};

/// Gives each `*` its share of the list, and drops the other columns that the list names.
pub(super) fn rewrite(select: &mut Select, scope: &Scope<'_>) {
    let Some(names) = take_list(select) else { return };
    let from = scope.from(&select.from);
    select.projection.retain(|item| !label(item).is_some_and(|label| names.contains(label)));
    for item in &mut select.projection {
        let (shared, options) = match item {
            SelectItem::Wildcard(options) => (names.clone(), options),
            SelectItem::QualifiedWildcard(kind, options) => (of_table(&names, kind, &from), options),
            _ => continue,
        };
        let shared: Vec<ObjectName> = shared.into_iter().map(|name| ObjectName::from(vec![name])).collect();
        options.opt_exclude = (!shared.is_empty()).then_some(ExcludeSelectItem::Multiple(shared));
    }
}

/// The names of the EXCLUDE that ends the list; one in the midst of it stays where it is.
fn take_list(select: &mut Select) -> Option<Vec<Ident>> {
    if let Some(list) = select.exclude.take() {
        return names(&list);
    }
    let last = select.projection.iter().rposition(|item| exclusion(item).is_some())?;
    let list = exclusion(&select.projection[last])?;
    let mut names = names(list)?;
    let behind = &select.projection[last + 1..];
    if matches!(list, ExcludeSelectItem::Multiple(_)) && !behind.is_empty() {
        return None;
    }
    let bare = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        _ => None,
    };
    names.extend(behind.iter().map(bare).collect::<Option<Vec<Ident>>>()?);
    select.projection.truncate(last + 1);
    Some(names)
}

fn exclusion(item: &SelectItem) -> Option<&ExcludeSelectItem> {
    match item {
        SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => {
            options.opt_exclude.as_ref()
        }
        _ => None,
    }
}

fn names(list: &ExcludeSelectItem) -> Option<Vec<Ident>> {
    let name = |name: &ObjectName| name.0.last()?.as_ident().cloned();
    match list {
        ExcludeSelectItem::Single(one) => Some(vec![name(one)?]),
        ExcludeSelectItem::Multiple(many) => many.iter().map(name).collect(),
    }
}

/// The name under which the client gets a column of the list.
fn label(item: &SelectItem) -> Option<&Ident> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last(),
        _ => None,
    }
}

/// Those of the names that a table has; all of them if its columns cannot be known.
fn of_table(names: &[Ident], kind: &SelectItemQualifiedWildcardKind, from: &FromColumns) -> Vec<Ident> {
    let SelectItemQualifiedWildcardKind::ObjectName(table) = kind else { return names.to_vec() };
    let columns = from.qualified(table).and_then(|table| table.columns.as_ref());
    let has = |name: &&Ident| columns.is_none_or(|columns| columns.contains(&name.value));
    names.iter().filter(has).cloned().collect()
}
