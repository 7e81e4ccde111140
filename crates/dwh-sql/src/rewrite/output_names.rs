//! Labels of unaliased SELECT items, as Redshift and PostgreSQL 8 name them, at every level (RS 4.2).
//!
//! `count(*)` → `count`, a cast → its column or else its type, CASE → `case`, EXTRACT → `date_part`,
//! DATE_PART → `pgdate_part`, anything else without a name → `?column?`.
//!
//! A planner wants the names of one SELECT to differ, Redshift does not. The second, third, … of equal names
//! becomes `name␁2`, `name␁3`, with U+0001 as the mark: no user can write it, and [`strip_label_marker`]
//! takes it off for the client. A reference to such a name finds the first.

use std::collections::HashMap;

use dwh_common::RedshiftType;
use sqlparser::ast::{
    DataType, DateTimeField, Expr, Ident, Interval, JsonPathElem, ObjectName, SelectItem,
    SelectItemQualifiedWildcardKind, TrimWhereField, UnaryOperator,
};

use super::build::{positional, simple_name};
use super::scope::{FromColumns, FromTable, is_plain};

const MARKER: char = '\u{1}';
const NO_NAME: &str = "?column?";

/// The label as the client sees it, without the mark that keeps equal labels of one SELECT apart.
pub fn strip_label_marker(label: &str) -> &str {
    label.split(MARKER).next().unwrap_or(label)
}

/// A label with a mark behind it that only [`strip_label_marker`] takes off.
pub(super) fn marked(label: &str, mark: &str) -> String {
    format!("{label}{MARKER}{mark}")
}

/// The labels of a SELECT list as written, before other rules change its expressions.
pub(super) fn labels(projection: &[SelectItem]) -> Vec<Option<String>> {
    projection
        .iter()
        .map(|item| match item {
            SelectItem::UnnamedExpr(expr) => Some(label(expr)),
            _ => None,
        })
        .collect()
}

/// Gives every item its label, and every label once.
pub(super) fn rewrite(projection: &mut Vec<SelectItem>, labels: Vec<Option<String>>, from: &FromColumns) {
    let mut seen = Labels::default();
    let mut renamed = Vec::with_capacity(projection.len());
    for (item, label) in std::mem::take(projection).into_iter().zip(labels) {
        match (item, label) {
            (SelectItem::UnnamedExpr(expr), Some(label)) => {
                let unique = seen.unique(&label);
                renamed.push(if unique == label && is_column_named(&expr, &label) {
                    SelectItem::UnnamedExpr(expr)
                } else {
                    SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', unique) }
                });
            }
            (SelectItem::ExprWithAlias { expr, mut alias }, _) => {
                let unique = seen.unique(&alias.value);
                if unique != alias.value {
                    alias = Ident::with_quote('"', unique);
                }
                renamed.push(SelectItem::ExprWithAlias { expr, alias });
            }
            (item, _) => match wildcard_tables(&item, from) {
                Some(tables) => expand_if_repeated(item, &tables, &mut seen, &mut renamed),
                None => renamed.push(item),
            },
        }
    }
    *projection = renamed;
}

/// Names given so far, with how often.
#[derive(Default)]
struct Labels(HashMap<String, usize>);

impl Labels {
    fn unique(&mut self, label: &str) -> String {
        let count = self.0.entry(label.to_owned()).or_insert(0);
        *count += 1;
        if *count == 1 { label.to_owned() } else { marked(label, &count.to_string()) }
    }
}

/// The tables that a plain wildcard stands for, if all their columns are known.
fn wildcard_tables<'f>(item: &SelectItem, from: &'f FromColumns) -> Option<Vec<&'f FromTable>> {
    match item {
        SelectItem::Wildcard(options) if is_plain(options) => {
            (from.is_complete() && !from.merges_columns).then(|| from.tables.iter().collect())
        }
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
            if is_plain(options) =>
        {
            let table = from.qualified(name)?;
            table.columns.as_ref().map(|_| vec![table])
        }
        _ => None,
    }
}

/// Spells a wildcard out if one of its names has been there; else it stays.
fn expand_if_repeated(
    item: SelectItem,
    tables: &[&FromTable],
    seen: &mut Labels,
    renamed: &mut Vec<SelectItem>,
) {
    let mut expanded = Vec::new();
    let mut repeated = false;
    for table in tables {
        for column in table.columns.iter().flatten() {
            let unique = seen.unique(column);
            let own = Ident::with_quote('"', column);
            let expr = match &table.qualifier {
                Some(qualifier) => Expr::CompoundIdentifier(vec![qualifier.clone(), own]),
                None => Expr::Identifier(own),
            };
            if unique == *column {
                expanded.push(SelectItem::UnnamedExpr(expr));
            } else {
                repeated = true;
                expanded.push(SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', unique) });
            }
        }
    }
    if repeated {
        renamed.extend(expanded);
    } else {
        renamed.push(item);
    }
}

fn is_column_named(expr: &Expr, label: &str) -> bool {
    match expr {
        Expr::Identifier(ident) => ident.value == label,
        Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|ident| ident.value == label),
        _ => false,
    }
}

/// The label of an unaliased expression.
pub(super) fn label(expr: &Expr) -> String {
    strong_label(expr).or_else(|| weak_label(expr)).unwrap_or_else(|| NO_NAME.to_owned())
}

/// The name of a column or function, which a cast around it keeps.
fn strong_label(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::Identifier(ident) => strip_label_marker(&ident.value).to_owned(),
        Expr::CompoundIdentifier(parts) => strip_label_marker(&parts.last()?.value).to_owned(),
        Expr::Nested(inner) => return strong_label(inner),
        // The attribute that a path ends with; an index is no name.
        Expr::JsonAccess { value, path } => {
            let last = path.path.iter().rev().find_map(|step| match step {
                JsonPathElem::Dot { key, .. } => Some(key.clone()),
                _ => None,
            });
            return last.or_else(|| strong_label(value));
        }
        // A call of that function in Redshift (the guide's page DATE_CMP_TIMESTAMPTZ).
        Expr::Cast { data_type, .. } if type_label(data_type) == "timestamptz" => "timestamptz".to_owned(),
        Expr::Cast { expr, .. } | Expr::Convert { expr, .. } | Expr::Collate { expr, .. } => {
            return strong_label(expr);
        }
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } => return strong_label(expr),
        // NULLIF is named after its first argument, or as CASE if that has no name (guide, NULLIF function).
        Expr::Function(function) if simple_name(function) == Some("nullif") => {
            let first = positional(function).and_then(|arguments| strong_label(arguments.first()?));
            first.unwrap_or_else(|| "case".to_owned())
        }
        Expr::Function(function) => function_label(&function.name)?,
        Expr::Substring { shorthand, .. } => if *shorthand { "substr" } else { "substring" }.to_owned(),
        Expr::Position { .. } => "position".to_owned(),
        Expr::Ceil { .. } => "ceil".to_owned(),
        Expr::Floor { .. } => "floor".to_owned(),
        Expr::AtTimeZone { .. } => "timezone".to_owned(),
        Expr::Trim { trim_where, .. } => match trim_where {
            Some(TrimWhereField::Leading) => "ltrim".to_owned(),
            Some(TrimWhereField::Trailing) => "rtrim".to_owned(),
            _ => "btrim".to_owned(),
        },
        // PostgreSQL 8 names a CASE after the column of its ELSE.
        Expr::Case { else_result: Some(default), .. } => return strong_label(default),
        _ => return None,
    })
}

/// The name of a type or of CASE, which a cast around it replaces.
fn weak_label(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Nested(inner) => weak_label(inner),
        Expr::Cast { data_type, .. } | Expr::Convert { data_type: Some(data_type), .. } => {
            Some(type_label(data_type))
        }
        Expr::TypedString(typed) => Some(type_label(&typed.data_type)),
        // With fields it is of one of two types, whose names the guide shows.
        Expr::Interval(Interval { leading_field: Some(field), .. }) => Some(
            match field {
                DateTimeField::Year | DateTimeField::Month => "intervaly2m",
                _ => "intervald2s",
            }
            .to_owned(),
        ),
        Expr::Interval(_) => Some("interval".to_owned()),
        Expr::Case { .. } => Some("case".to_owned()),
        _ => None,
    }
}

/// Functions that Redshift shows under another name.
fn function_label(name: &ObjectName) -> Option<String> {
    let name = name.0.last()?.as_ident()?.value.as_str();
    let name = name.strip_prefix("approximate_").unwrap_or(name);
    Some(
        match name {
            "__extract" | "__extract_of_timetz" => "date_part",
            "date_part" | "datepart" => "pgdate_part",
            "dateadd" => "date_add",
            "datediff" => "date_diff",
            "nvl" | "isnull" => "coalesce",
            "nvl2" | "decode" => "case",
            "sysdate" => "timestamp",
            "current_date" => "date",
            "trim" => "btrim",
            "user" => "current_user",
            other => other,
        }
        .to_owned(),
    )
}

/// PostgreSQL's internal name of a type.
fn type_label(data_type: &DataType) -> String {
    let written = data_type.to_string().to_ascii_lowercase();
    match written.parse::<RedshiftType>() {
        Ok(RedshiftType::Char(_)) => "bpchar".to_owned(),
        Ok(known) => known.short_name().to_owned(),
        Err(_) => written,
    }
}
