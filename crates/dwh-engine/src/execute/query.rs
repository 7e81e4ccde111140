//! SELECT.

use dwh_common::SqlError;
use sqlparser::ast::Query;

use crate::context::StatementContext;
use crate::plan::result_schema;
use crate::result::{Outcome, Rows};

pub(super) async fn execute(context: &mut StatementContext<'_>, query: &Query) -> Result<Outcome, SqlError> {
    let plan = context.with_planner(|planner| planner.query(query.clone()))?;
    let schema = result_schema(plan.schema())?;
    let stream = context.stream(&plan).await?;
    Ok(Outcome::rows("SELECT", Rows::new(schema, stream, context.submitted)))
}
