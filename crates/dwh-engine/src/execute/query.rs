//! SELECT.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{FieldRef, Schema};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::{Expr, LogicalPlan};
use dwh_common::SqlError;
use sqlparser::ast::Query;

use crate::context::StatementContext;
use crate::functions::datetime::style::TextStyle;
use crate::plan::{catalog_result_schema, result_schema};
use crate::result::{Outcome, ResultSet, Rows, relabel};

/// The rows of a query inside a procedure: an expression, mostly, which is worth no optimized plan.
pub(crate) async fn read(context: &StatementContext<'_>, query: &Query) -> Result<ResultSet, SqlError> {
    let plan = context.with_planner(|planner| planner.query(query.clone()))?;
    if let Some(row) = row_of_expressions(context, &plan)? {
        return Ok(row);
    }
    let stream = context.stream(&plan).await?;
    let schema = result_schema(plan.schema(), &stream.schema())?;
    Rows::new(schema, stream, context.submitted).collect().await
}

/// The row of a SELECT without FROM; `None` for all other queries.
fn row_of_expressions(
    context: &StatementContext<'_>,
    plan: &LogicalPlan,
) -> Result<Option<ResultSet>, SqlError> {
    let is_simple = |plan: &LogicalPlan| {
        matches!(plan, LogicalPlan::Projection(projection)
            if matches!(projection.input.as_ref(), LogicalPlan::EmptyRelation(empty) if empty.produce_one_row)
                && !projection.expr.iter().any(has_sub_query))
    };
    if !is_simple(plan) {
        return Ok(None);
    }
    let state = context.state();
    let one_row = RecordBatchOptions::new().with_row_count(Some(1));
    let evaluate = || -> datafusion::error::Result<Option<RecordBatch>> {
        let options = state.config_options();
        let analyzed = state.analyzer().execute_and_check(plan.clone(), options, |_, _| {})?;
        let LogicalPlan::Projection(projection) = &analyzed else { return Ok(None) };
        if !is_simple(&analyzed) {
            return Ok(None);
        }
        let nothing = DFSchema::empty();
        let empty = Arc::new(Schema::empty());
        let input = RecordBatch::try_new_with_options(empty, Vec::new(), &one_row)?;
        let mut fields = Vec::with_capacity(projection.expr.len());
        let mut columns = Vec::with_capacity(projection.expr.len());
        for (expr, field) in projection.expr.iter().zip(analyzed.schema().fields()) {
            let physical = state.create_physical_expr(expr.clone(), &nothing)?;
            let column = physical.evaluate(&input)?.into_array(1)?;
            fields
                .push(field.as_ref().clone().with_data_type(column.data_type().clone()).with_nullable(true));
            columns.push(column);
        }
        Ok(Some(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &one_row)?))
    };
    let Some(batch) = evaluate().map_err(|error| context.submitted_error(&error))? else { return Ok(None) };
    let schema = result_schema(plan.schema(), &batch.schema())?;
    let style = TextStyle::default();
    let batches = vec![relabel(&schema, batch, &style)?];
    Ok(Some(ResultSet { schema, style, batches }))
}

fn has_sub_query(expr: &Expr) -> bool {
    let is_sub_query =
        |expr: &Expr| matches!(expr, Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_));
    expr.exists(|expr| Ok(is_sub_query(expr))).unwrap_or(true)
}

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
