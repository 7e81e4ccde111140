//! Policies as the catalog shows them (the guide's page SVV_RLS_POLICY).

use std::ops::ControlFlow;

use dwh_storage::{ColumnPath, Policy};
use serde_json::json;
use sqlparser::ast::{self, Expr, Query, Value, VisitMut, VisitorMut};

use super::ROW_ALIAS;

/// The columns of WITH: `[{"colname":"a","type":"integer"}]`.
pub(crate) fn columns_json(policy: &Policy) -> String {
    let column = |(name, data_type): &(String, _)| {
        format!("{{\"colname\":{},\"type\":{}}}", json!(name), json!(format!("{data_type}")))
    };
    let columns: Vec<String> = policy.columns.iter().map(column).collect();
    format!("[{}]", columns.join(","))
}

/// The values of a masking policy: `[{"expr":"…","type":"…"}]` has the expressions alone here.
pub(crate) fn values_json(policy: &Policy) -> String {
    let value = |sql: &String| format!("{{\"expr\":{}}}", json!(qualified(sql, "masked_table", policy)));
    let values: Vec<String> = policy.expressions.iter().map(value).collect();
    format!("[{}]", values.join(","))
}

/// Columns and their parts: `["a","b.c"]`.
pub(crate) fn paths_json(paths: &[ColumnPath]) -> String {
    let path = |path: &ColumnPath| {
        let parts: Vec<&str> = std::iter::once(&path.column).chain(&path.path).map(String::as_str).collect();
        parts.join(".")
    };
    json!(paths.iter().map(path).collect::<Vec<_>>()).to_string()
}

/// The condition: `"t"."c" LIKE CAST('%public%' AS TEXT)`.
pub(crate) fn condition_text(policy: &Policy) -> String {
    let alias = policy.alias.as_deref().unwrap_or(ROW_ALIAS);
    let conditions: Vec<String> =
        policy.expressions.iter().map(|sql| qualified(sql, alias, policy)).collect();
    conditions.join(" AND ")
}

fn qualified(sql: &str, alias: &str, policy: &Policy) -> String {
    let Ok(mut tree) = dwh_sql::parse_expression(sql) else { return sql.to_owned() };
    let columns = policy.columns.iter().map(|(name, _)| name.as_str()).collect();
    let _ = tree.visit(&mut Qualifier { alias, columns, depth: 0 });
    dwh_sql::to_sql(&tree)
}

struct Qualifier<'a> {
    alias: &'a str,
    columns: Vec<&'a str>,
    /// Inside a sub-query a name may be one of its own.
    depth: usize,
}

impl VisitorMut for Qualifier<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let quoted = |name: &str| ast::Ident::with_quote('"', name);
        match expr {
            Expr::Identifier(ident) if self.depth == 0 && self.columns.contains(&ident.value.as_str()) => {
                *expr = Expr::CompoundIdentifier(vec![quoted(self.alias), quoted(&ident.value)]);
            }
            Expr::CompoundIdentifier(idents) => {
                idents.iter_mut().for_each(|ident| ident.quote_style = Some('"'));
            }
            Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => {
                let text = format!("CAST({} AS TEXT)", dwh_sql::to_sql(value));
                if let Ok(cast) = dwh_sql::parse_expression(&text) {
                    *expr = cast;
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
