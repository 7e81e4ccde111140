//! CREATE [OR REPLACE] VIEW, bound and late-binding (RS 3.5).

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Query, visit_relations};

use super::query::table_name_of;
use crate::cursor::Cursor;
use crate::rewrite::scope::cte_names;
use crate::statement::{CreateView, Statement};

/// `CREATE [OR REPLACE] VIEW v [(columns)] AS query [WITH NO SCHEMA BINDING]`.
pub(super) fn create_view(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create"])?;
    let or_replace = cursor.eat(&["or", "replace"]);
    cursor.expect(&["view"])?;
    if cursor.at(&["if", "not", "exists"]) {
        return Err(cursor
            .syntax_error()
            .with_hint("Redshift has no IF NOT EXISTS for views; use OR REPLACE"));
    }
    let name = cursor.table_name()?;
    let columns = cursor.optional_column_list()?;
    cursor.expect(&["as"])?;
    let start = cursor.position();
    let query = cursor.query()?;
    let query_text = cursor.slice(start, cursor.position()).trim_end().to_owned();
    let late_binding = cursor.eat(&["with", "no", "schema", "binding"]);
    if late_binding {
        check_qualified(&query)?;
    }
    Ok(Statement::CreateView(CreateView { name, or_replace, columns, query, query_text, late_binding }))
}

/// A late-binding view must qualify every table, as its search path is that of whoever reads it.
fn check_qualified(query: &Query) -> Result<(), SqlError> {
    let ctes = cte_names(query);
    let unqualified = visit_relations(query, |relation| {
        let table = table_name_of(relation);
        if table.schema.is_none() && !ctes.contains(&table.name) {
            ControlFlow::Break(table)
        } else {
            ControlFlow::Continue(())
        }
    });
    let ControlFlow::Break(table) = unqualified else { return Ok(()) };
    let mut error = SqlError::new(
        SqlState::InvalidTableDefinition,
        "All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.",
    )
    .with_hint(format!("write the schema in front of {}", table.name));
    error.position = table.position;
    Err(error)
}
