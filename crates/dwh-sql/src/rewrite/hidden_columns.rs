//! `*` and `t.*` leave out the hidden columns of system tables: `oid` is none of a table's columns, and still
//! can be named, as in `SELECT x.oid, x.* FROM pg_class x` (RS 5.5).

use sqlparser::ast::{
    ExcludeSelectItem, Ident, ObjectName, SelectItem, SelectItemQualifiedWildcardKind,
    WildcardAdditionalOptions,
};

use super::scope::{FromColumns, FromTable};

pub(super) fn rewrite(projection: &mut Vec<SelectItem>, from: &FromColumns) {
    if from.tables.iter().all(|table| table.hidden.is_empty()) || from.merges_columns {
        return;
    }
    let items = std::mem::take(projection);
    for item in items {
        match item {
            SelectItem::Wildcard(options) if options.opt_exclude.is_none() => {
                projection.extend(from.tables.iter().map(|table| of_table(table, &options)));
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
                if options.opt_exclude.is_none() =>
            {
                let hidden = from.qualified(&name).map(|table| table.hidden.as_slice()).unwrap_or_default();
                let options = excluding(hidden, options);
                let kind = SelectItemQualifiedWildcardKind::ObjectName(name);
                projection.push(SelectItem::QualifiedWildcard(kind, options));
            }
            other => projection.push(other),
        }
    }
}

fn of_table(table: &FromTable, options: &WildcardAdditionalOptions) -> SelectItem {
    match &table.qualifier {
        Some(qualifier) => SelectItem::QualifiedWildcard(
            SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![qualifier.clone()])),
            excluding(&table.hidden, options.clone()),
        ),
        None => SelectItem::Wildcard(options.clone()),
    }
}

fn excluding(hidden: &[String], mut options: WildcardAdditionalOptions) -> WildcardAdditionalOptions {
    if !hidden.is_empty() {
        let names = hidden.iter().map(|name| ObjectName::from(vec![Ident::new(name)])).collect();
        options.opt_exclude = Some(ExcludeSelectItem::Multiple(names));
    }
    options
}
