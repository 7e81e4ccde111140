//! UPDATE … SET … FROM … WHERE: the rows found are deleted and their new versions added.

use std::ops::ControlFlow;
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
    let is_target = |relation: &ast::TableFactor| is_table(context, update, relation, table.id);
    if update.from.iter().any(|from| joins_outside(from, &is_target)) {
        let message = "Target table must be part of an equijoin predicate";
        return Err(SqlError::new(SqlState::FeatureNotSupported, message)
            .with_hint("Move the outer join into a sub-query of FROM."));
    }
    let mut from = update.from.clone();
    let stand_in = if update.alias.is_none() && !names_target(update) {
        take_target_place(&mut from, &is_target)
    } else {
        None
    };
    let own_name = update.alias.as_deref().unwrap_or(&update.table.name);
    let alias = stand_in.as_deref().unwrap_or(own_name);
    if stand_in.is_none() {
        from.insert(0, relation(target_factor(alias)));
    }
    let mut query = parse_query("SELECT 1")?;
    query.with = update.with.clone();
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.projection = new_versions(&table, alias, &update.assignments)?;
        select.from = from;
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

/// Whether a relation of FROM is the stored table of this id.
fn is_table(
    context: &StatementContext<'_>,
    update: &Update,
    relation: &ast::TableFactor,
    table_id: i64,
) -> bool {
    let ast::TableFactor::Table { name, args: None, .. } = relation else { return false };
    let name = dwh_sql::table_name_of(name);
    let of_with = |cte: &ast::Cte| name.schema.is_none() && cte.alias.name.value == name.name;
    !update.with.iter().flat_map(|with| &with.cte_tables).any(of_with)
        && context.names().table(&name).is_ok_and(|table| table.id == table_id)
}

/// Whether the statement has a column of the target under the target's own name.
fn names_target(update: &Update) -> bool {
    let mut found = false;
    let mut look = |expression: &ast::Expr| {
        if let ast::Expr::CompoundIdentifier(parts) = expression {
            let qualifier = parts.len().checked_sub(2).and_then(|at| parts.get(at));
            found |= qualifier.is_some_and(|qualifier| qualifier.value == update.table.name);
        }
        ControlFlow::<()>::Continue(())
    };
    let _ = ast::visit_expressions(&update.from, &mut look);
    let _ = ast::visit_expressions(&update.selection, &mut look);
    for (_, value) in &update.assignments {
        let _ = ast::visit_expressions(value, &mut look);
    }
    found
}

/// The alias of the target in FROM, whose place it takes: what is joined under that alias is updated, as in
/// `UPDATE category SET … FROM event JOIN category cat ON … WHERE …` (the guide's examples of UPDATE).
fn take_target_place(
    from: &mut [ast::TableWithJoins],
    is_target: &impl Fn(&ast::TableFactor) -> bool,
) -> Option<String> {
    let relations = from.iter_mut().flat_map(|from| {
        std::iter::once(&mut from.relation).chain(from.joins.iter_mut().map(|join| &mut join.relation))
    });
    let mut of_target: Vec<_> = relations.filter(|relation| is_target(relation)).collect();
    let [place] = of_target.as_mut_slice() else { return None };
    let ast::TableFactor::Table { alias: Some(alias), .. } = &**place else { return None };
    let alias = alias.name.value.clone();
    **place = target_factor(&alias);
    Some(alias)
}

/// Whether FROM has an outer join to the target itself (RS 3.6).
fn joins_outside(from: &ast::TableWithJoins, is_target: &impl Fn(&ast::TableFactor) -> bool) -> bool {
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
