//! EXPLAIN: the plan in Redshift's words (the guide's page EXPLAIN). VERBOSE puts the planner's own plan above it.

use dwh_common::SqlError;
use dwh_sql::statement::{Delete, InsertSource, Statement, Update};
use sqlparser::ast;

use super::changes::{named_factor, relation};
use super::show::text_columns;
use crate::context::StatementContext;
use crate::explain;
use crate::plan::parse_query;
use crate::result::Outcome;
use crate::shared_subplans;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    statement: &Statement,
    verbose: bool,
) -> Result<Outcome, SqlError> {
    let query = match statement {
        Statement::Query(query) => (**query).clone(),
        Statement::CreateTableAs(create) => (*create.query).clone(),
        Statement::Insert(insert) => match &insert.source {
            InsertSource::Query(query) => (**query).clone(),
            // One row of constants.
            _ => parse_query("SELECT 1")?,
        },
        Statement::Update(Update { with, table, alias, from, selection, .. }) => {
            let target = named_factor(table, alias.as_deref());
            rows_found(with.as_ref(), target, from, selection.as_ref())?
        }
        Statement::Delete(Delete { with, table, alias, using, selection }) => {
            let target = named_factor(table, alias.as_deref());
            rows_found(with.as_ref(), target, using, selection.as_ref())?
        }
        _ => {
            return Err(SqlError::unsupported("EXPLAIN of this statement")
                .with_hint("SELECT, CREATE TABLE AS, INSERT, UPDATE and DELETE can be explained."));
        }
    };
    let plan = context.with_planner(|planner| planner.query(query))?;
    let optimized =
        shared_subplans::optimize(context.state(), &plan).map_err(|error| context.submitted_error(&error))?;
    let mut lines = Vec::new();
    if verbose {
        lines.extend(optimized.display_indent().to_string().lines().map(str::to_owned));
        lines.push(String::new());
    }
    lines.extend(explain::lines(&optimized));
    let lines = lines.iter().map(String::as_str).collect();
    Ok(Outcome::rows("EXPLAIN", text_columns(&["QUERY PLAN"], [lines], context.submitted)?))
}

/// The rows that an UPDATE or DELETE would find, and those of the tables that it joins.
fn rows_found(
    with: Option<&ast::With>,
    target: ast::TableFactor,
    others: &[ast::TableWithJoins],
    selection: Option<&ast::Expr>,
) -> Result<ast::Query, SqlError> {
    let mut query = parse_query("SELECT *")?;
    query.with = with.cloned();
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.from = std::iter::once(relation(target)).chain(others.iter().cloned()).collect();
        select.selection = selection.cloned();
    }
    Ok(query)
}
