//! UPDATE … SET … FROM … WHERE: the rows found are deleted and their new versions added.

use std::sync::Arc;

use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::Update;
use dwh_storage::{Table, WriteIntent};
use sqlparser::ast;

use super::changes::{
    Changed, FoundRows, address_items, for_each_batch, relation, target_column, target_factor, with_target,
};
use super::insert::{cast_to_column, check_identity, default_expression, named_column};
use super::rows::{ColumnSource, Lane, RowAssembler, append};
use crate::context::StatementContext;
use crate::plan::{Planner, nth_column, parse_query};
use crate::result::Outcome;

/// SET column = expression; `None` is DEFAULT.
pub(super) type Assignment = (String, Option<ast::Expr>);

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    update: &Update,
) -> Result<Outcome, SqlError> {
    let table = context.lock_table(&update.table, WriteIntent::Rewrite).await?;
    let alias = update.alias.as_deref().unwrap_or(&update.table.name);
    if update.from.iter().any(|from| joins_outside(from, &update.table.name)) {
        let message = "Target table must be part of an equijoin predicate";
        return Err(SqlError::new(SqlState::FeatureNotSupported, message)
            .with_hint("Move the outer join into a sub-query of FROM."));
    }
    let mut query = parse_query("SELECT 1")?;
    query.with = update.with.clone();
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.projection = new_versions(&table, alias, &update.assignments)?;
        select.from = std::iter::once(relation(target_factor(alias))).chain(update.from.clone()).collect();
        select.selection = update.selection.clone();
    }
    let plan = with_target(context, &table, |planner| {
        let plan = planner.query(query)?;
        assign_versions(planner, plan, &table)
    })?;
    let changed = replace(context, &table, &plan).await?;
    if changed.repeated > 0 && context.settings.is_on("error_on_nondeterministic_update") {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            "Found multiple matches to update the same tuple.",
        ));
    }
    Ok(Outcome::changed("UPDATE", changed.rows))
}

/// Whether FROM has an outer join to the target itself (RS 3.6).
fn joins_outside(from: &ast::TableWithJoins, target: &str) -> bool {
    let is_target = |relation: &ast::TableFactor| match relation {
        ast::TableFactor::Table { name, .. } => {
            name.0.last().and_then(|part| part.as_ident()).is_some_and(|ident| ident.value == target)
        }
        _ => false,
    };
    let is_outer = |join: &ast::Join| {
        use ast::JoinOperator::{FullOuter, Left, LeftOuter, Right, RightOuter};
        matches!(join.join_operator, Left(_) | LeftOuter(_) | Right(_) | RightOuter(_) | FullOuter(_))
    };
    let relations = || std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation));
    from.joins.iter().any(is_outer) && relations().any(is_target)
}

/// The addresses and the new value of every column of the table, as select items.
pub(super) fn new_versions(
    table: &Table,
    alias: &str,
    assignments: &[Assignment],
) -> Result<Vec<ast::SelectItem>, SqlError> {
    let mut assigned = Vec::with_capacity(assignments.len());
    for (index, (name, _)) in assignments.iter().enumerate() {
        let column = named_column(table, name)?;
        if assignments[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(SqlError::new(
                SqlState::SyntaxError,
                format!("multiple assignments to same column \"{name}\""),
            ));
        }
        assigned.push(column.clone());
    }
    check_identity(&assigned)?;
    let mut items = address_items(alias);
    for column in &table.definition.columns {
        let expression = match assignments.iter().find(|(name, _)| *name == column.name) {
            Some((_, Some(expression))) => expression.clone(),
            Some((_, None)) => default_expression(column)?,
            None => target_column(alias, &column.name),
        };
        let label = ast::Ident::with_quote('"', format!("__dwh_new_{}", column.name));
        items.push(ast::SelectItem::ExprWithAlias { expr: expression, alias: label });
    }
    Ok(items)
}

/// Converts the new values behind the two addresses to the types of their columns.
pub(super) fn assign_versions(
    planner: &Planner<'_>,
    plan: LogicalPlan,
    table: &Table,
) -> Result<LogicalPlan, SqlError> {
    let mut expressions = vec![nth_column(&plan, 0), nth_column(&plan, 1)];
    for (index, column) in table.definition.columns.iter().enumerate() {
        let value = nth_column(&plan, index + 2);
        expressions.push(cast_to_column(planner, value, &plan, column)?.alias(&column.name));
    }
    LogicalPlanBuilder::from(plan)
        .project(expressions)
        .and_then(LogicalPlanBuilder::build)
        .map_err(|error| planner.sql_error(&error))
}

/// Runs a plan of addresses and new versions: deletes the rows at the addresses and adds the versions.
pub(super) async fn replace(
    context: &mut StatementContext<'_>,
    table: &Arc<Table>,
    plan: &LogicalPlan,
) -> Result<Changed, SqlError> {
    let sources = (0..table.definition.columns.len()).map(ColumnSource::Input).collect();
    let assembler = Arc::new(RowAssembler::new(table, sources));
    let mut lane = Lane::new(context, table, &assembler)?;
    let mut found = FoundRows::default();
    for_each_batch(context, plan, |batch| lane.write(&found.take(&batch)?)).await?;
    let changed = found.delete(context, table)?;
    let finished = lane.finish()?;
    append(context, table, &assembler, vec![finished])?;
    Ok(changed)
}
