//! EXPLAIN: the plan as DataFusion has it; Redshift's XN lines cannot be matched (RS 5.7).

use datafusion::physical_plan::displayable;
use dwh_common::SqlError;
use dwh_sql::statement::{InsertSource, Statement};

use super::show::text_columns;
use crate::context::StatementContext;
use crate::result::Outcome;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    statement: &Statement,
    verbose: bool,
) -> Result<Outcome, SqlError> {
    let query = match statement {
        Statement::Query(query) => query,
        Statement::CreateTableAs(create) => &create.query,
        Statement::Insert(insert) => match &insert.source {
            InsertSource::Query(query) => query,
            _ => return Err(SqlError::unsupported("EXPLAIN of INSERT … VALUES")),
        },
        _ => return Err(SqlError::unsupported("EXPLAIN of this statement").with_hint("Explain its SELECT.")),
    };
    let plan = context.with_planner(|planner| planner.query((**query).clone()))?;
    let physical = context.physical(&plan).await?;
    let mut text = String::new();
    if verbose {
        text.push_str(&format!("{}\n", plan.display_indent()));
    }
    text.push_str(&displayable(physical.as_ref()).indent(verbose).to_string());
    let rows = text_columns(&["QUERY PLAN"], [text.lines().collect()], context.submitted)?;
    Ok(Outcome::rows("EXPLAIN", rows))
}
