//! SELECT.

use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema};
use dwh_common::SqlError;
use sqlparser::ast::Query;

use crate::context::StatementContext;
use crate::plan::{catalog_result_schema, result_schema};
use crate::result::{Outcome, Rows};

pub(super) async fn execute(context: &mut StatementContext<'_>, query: &Query) -> Result<Outcome, SqlError> {
    let (plan, reads_tables) = context
        .with_planner(|planner| Ok::<_, SqlError>((planner.query(query.clone())?, planner.reads_tables())))?;
    let stream = context.stream(&plan).await?;
    let describe = if reads_tables { result_schema } else { catalog_result_schema };
    let mut schema = describe(plan.schema(), &stream.schema())?;
    if context.settings.is_on("describe_field_name_in_uppercase") {
        let upper = |field: &FieldRef| field.as_ref().clone().with_name(field.name().to_uppercase());
        schema = Arc::new(Schema::new(schema.fields().iter().map(upper).collect::<Vec<_>>()));
    }
    let rows = Rows::new(schema, stream, context.submitted).in_style(context.settings.options().text_style());
    Ok(Outcome::rows("SELECT", rows))
}
