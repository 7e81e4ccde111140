//! Functions that give rows, in FROM and as an item of a SELECT without FROM (guide, "System information
//! functions"; RS 4.4): GENERATE_SERIES, PG_GET_COLS, PG_GET_LATE_BINDING_VIEW_COLS, PG_TIMEZONE_NAMES and
//! PG_TIMEZONE_ABBREVS.
//!
//! Each is a query over the catalog; in a SELECT list a row of several columns is one text, `(a,b,"c d")`.

use std::ops::ControlFlow;

use dwh_common::SqlError;
use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Ident, Select, SelectItem, TableAlias, TableFactor, TableWithJoins,
    visit_expressions, visit_expressions_mut,
};

use super::build::{alone, call, derived, positional, query, simple_name, table_alias};

/// Alias of the rows behind a call in a SELECT list; no SQL text can have it.
const ROWS: &str = "dwh: rows";

/// A function and the columns of its rows.
struct SetFunction {
    name: &'static str,
    columns: &'static [&'static str],
}

const SERIES: &str = "generate_series";

const COLUMNS_OF_RELATION: &[&str] = &["view_schema", "view_name", "col_name", "col_type", "col_num"];

const ALL: &[SetFunction] = &[
    SetFunction { name: SERIES, columns: &[SERIES] },
    SetFunction { name: "pg_get_cols", columns: COLUMNS_OF_RELATION },
    SetFunction { name: "pg_get_late_binding_view_cols", columns: COLUMNS_OF_RELATION },
    SetFunction { name: "pg_timezone_abbrevs", columns: &["abbrev", "utc_offset", "is_dst"] },
    SetFunction { name: "pg_timezone_names", columns: &["name", "abbrev", "utc_offset", "is_dst"] },
];

impl SetFunction {
    fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|known| known.name == name)
    }

    /// The query of its rows; `None` if it takes other arguments.
    fn query(&self, arguments: &[&Expr]) -> Option<String> {
        match (self.name, arguments) {
            (SERIES, [_, _] | [_, _, _]) => {
                let list = arguments.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let value = if arguments.iter().all(|argument| is_integer(argument)) {
                    "CAST(value AS INTEGER)"
                } else {
                    "value"
                };
                Some(format!("SELECT {value} AS generate_series FROM __generate_series({list})"))
            }
            ("pg_get_cols", [relation]) => Some(format!(
                "SELECT n.nspname AS view_schema, c.relname AS view_name, a.attname AS col_name, \
                 format_type(a.atttypid, a.atttypmod) AS col_type, a.attnum AS col_num \
                 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
                 JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid \
                 WHERE a.attnum > 0 AND c.oid = __regclass_oid({relation}) ORDER BY a.attnum"
            )),
            (name, []) if name != SERIES && name != "pg_get_cols" => {
                Some(format!("SELECT {} FROM pg_catalog.{name}", self.columns.join(", ")))
            }
            _ => None,
        }
    }
}

fn is_integer(argument: &Expr) -> bool {
    argument.to_string().parse::<i32>().is_ok()
}

/// Puts queries in the place of functions in FROM.
pub(super) fn rewrite_from(from: &mut [TableWithJoins]) -> Result<(), SqlError> {
    for table in from {
        let joined = table.joins.iter_mut().map(|join| &mut join.relation);
        for factor in std::iter::once(&mut table.relation).chain(joined) {
            if let Some(rows) = rows_of(factor)? {
                *factor = rows;
            }
        }
    }
    Ok(())
}

fn rows_of(factor: &TableFactor) -> Result<Option<TableFactor>, SqlError> {
    let TableFactor::Table { name, alias, args: Some(arguments), .. } = factor else { return Ok(None) };
    let last = name.0.last().and_then(|part| part.as_ident());
    let Some(function) = last.and_then(|last| SetFunction::named(&last.value)) else { return Ok(None) };
    let arguments = arguments.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    let Some(sql) = arguments.collect::<Option<Vec<_>>>().and_then(|arguments| function.query(&arguments))
    else {
        return Ok(None);
    };
    Ok(Some(derived(query(&sql)?, Some(named_rows(function, alias.as_ref())))))
}

/// The alias as written, without the types of its columns. The only column of a function is named like its
/// alias.
fn named_rows(function: &SetFunction, alias: Option<&TableAlias>) -> TableAlias {
    let Some(alias) = alias else { return table_alias(function.name, function.columns) };
    let mut alias = alias.clone();
    alias.columns.iter_mut().for_each(|column| column.data_type = None);
    if alias.columns.is_empty() && function.columns.len() == 1 {
        alias.columns = table_alias("", &[alias.name.value.as_str()]).columns;
    }
    alias
}

/// `SELECT pg_timezone_names()` → `SELECT … FROM pg_timezone_names`. Over tables each of their rows comes with each
/// number of GENERATE_SERIES; the other functions stand alone.
pub(super) fn rewrite_items(select: &mut Select) -> Result<(), SqlError> {
    let has_tables = !select.from.is_empty();
    // The columns of the function are not among those of `*`.
    if has_tables && select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_))) {
        return Ok(());
    }
    let mut found = None;
    for item in &mut select.projection {
        let alone_in_item = match item {
            SelectItem::UnnamedExpr(Expr::Function(function)) => simple_name(function).map(str::to_owned),
            _ => None,
        };
        let _ = visit_expressions_mut(item, |expr| {
            if let Expr::Function(function) = expr
                && found.is_none()
                && let Some(known) = simple_name(function).and_then(SetFunction::named)
                && let Some(arguments) = positional(function)
                && !(has_tables && (known.name != SERIES || arguments.iter().any(|one| names_a_column(one))))
                && let Some(sql) = known.query(&arguments)
            {
                *expr = row_of(known);
                found = Some((known, sql));
            }
            ControlFlow::<()>::Continue(())
        });
        if let (Some((known, _)), Some(label)) = (&found, alone_in_item)
            && label == known.name
            && let SelectItem::UnnamedExpr(expr) = item
        {
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::with_quote('"', label) };
        }
    }
    if let Some((function, sql)) = found {
        let alias = table_alias(ROWS, function.columns);
        select.from.push(alone(derived(query(&sql)?, Some(alias))));
    }
    Ok(())
}

fn names_a_column(expr: &Expr) -> bool {
    visit_expressions(expr, |expr| match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

/// A row of the function as one value.
fn row_of(function: &SetFunction) -> Expr {
    let column = |name: &&str| {
        Expr::CompoundIdentifier(vec![Ident::with_quote('"', ROWS), Ident::with_quote('"', *name)])
    };
    match function.columns {
        [only] => column(only),
        columns => call("__row_text", columns.iter().map(column).collect()),
    }
}
