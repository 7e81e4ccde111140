//! INSERT: VALUES, SELECT, DEFAULT VALUES (RS 3.6).

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder};
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{Insert, InsertSource};
use dwh_storage::{ColumnDefinition, Table, WriteIntent};
use futures::TryStreamExt;
use sqlparser::ast;

use super::rows::{ColumnSource, IdentityCounter, insert_plan};
use crate::context::StatementContext;
use crate::plan::{Planner, nth_column, parse_query};
use crate::result::Outcome;
use crate::session_functions::PLAIN_VALUE;
use crate::typing::assignment_cast;

/// So many digits before and behind the point fit into one NUMERIC, which has 38.
const SHARED_DIGITS: usize = 19;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    insert: &Insert,
) -> Result<Outcome, SqlError> {
    let table = context.lock_table(&insert.table, WriteIntent::Append).await?;
    let targets = match &insert.source {
        InsertSource::Values(rows) if insert.columns.is_empty() && asks_for_identity(&table, rows) => {
            table.definition.columns.clone()
        }
        _ => target_columns(&table, &insert.columns)?,
    };
    let (query, targets) = match &insert.source {
        InsertSource::Query(query) => ((**query).clone(), targets),
        InsertSource::Values(rows) => values_query(&targets, rows)?,
        InsertSource::DefaultValues => (parse_query("SELECT 1")?, Vec::new()),
    };
    let (plan, given) = context.with_planner(|planner| {
        let source = planner.query(query).map_err(|error| match &insert.source {
            InsertSource::Values(_) => no_column_in_values(error, &insert.table.name),
            _ => error,
        })?;
        let targets = filled(&source, targets, matches!(insert.source, InsertSource::DefaultValues))?;
        check_identity(&targets)?;
        let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
        Ok::<_, SqlError>((assign(planner, source, &targets)?, names))
    })?;
    let sources = column_sources(context, &table, &given).await?;
    let rows = insert_plan(context, &table, &plan, sources).await?;
    Ok(Outcome::changed("INSERT", rows))
}

/// VALUES reads no table: the guide's page "Trapping errors" names the one that is filled.
fn no_column_in_values(error: SqlError, table: &str) -> SqlError {
    if error.state == SqlState::UndefinedColumn && error.message.ends_with("\" does not exist") {
        return SqlError { message: format!("{} in {table}", error.message), ..error };
    }
    error
}

/// The columns that an INSERT names, or all that it fills without a list: IDENTITY columns are skipped.
fn target_columns(table: &Table, names: &[String]) -> Result<Vec<ColumnDefinition>, SqlError> {
    if names.is_empty() {
        let fills = |column: &&ColumnDefinition| column.identity.is_none_or(|identity| identity.by_default);
        return Ok(table.definition.columns.iter().filter(fills).cloned().collect());
    }
    named_columns(table, names)
}

/// The columns of these names, each named once.
pub(super) fn named_columns(table: &Table, names: &[String]) -> Result<Vec<ColumnDefinition>, SqlError> {
    let mut columns: Vec<ColumnDefinition> = Vec::with_capacity(names.len());
    for name in names {
        let column = named_column(table, name)?;
        if columns.iter().any(|known| known.name == *name) {
            return Err(SqlError::new(
                SqlState::DuplicateColumn,
                format!("column \"{name}\" specified more than once"),
            ));
        }
        columns.push(column.clone());
    }
    Ok(columns)
}

/// Whether VALUES without a column list has a DEFAULT for each IDENTITY column, instead of leaving them out.
fn asks_for_identity(table: &Table, rows: &[Vec<Option<ast::Expr>>]) -> bool {
    let columns = &table.definition.columns;
    rows.iter().all(|row| {
        row.len() == columns.len()
            && columns.iter().zip(row).all(|(column, value)| column.identity.is_none() || value.is_none())
    })
}

/// The column of that name, or 42703.
pub(super) fn named_column<'t>(table: &'t Table, name: &str) -> Result<&'t ColumnDefinition, SqlError> {
    table.definition.column(name).ok_or_else(|| {
        SqlError::new(
            SqlState::UndefinedColumn,
            format!("column \"{name}\" of relation \"{}\" does not exist", table.definition.name),
        )
    })
}

/// VALUES as a query. DEFAULT becomes the column's expression; for IDENTITY it must stand in all rows,
/// and the column is then left to the counter.
fn values_query(
    targets: &[ColumnDefinition],
    rows: &[Vec<Option<ast::Expr>>],
) -> Result<(ast::Query, Vec<ColumnDefinition>), SqlError> {
    let width = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != width) {
        return Err(SqlError::new(SqlState::SyntaxError, "VALUES lists must all be the same length"));
    }
    check_width(width, targets.len())?;
    let generated = |index: usize| {
        targets[index].identity.is_some()
            && rows.iter().all(|row| row.get(index).is_some_and(Option::is_none))
    };
    let kept: Vec<usize> = (0..width).filter(|index| !generated(*index)).collect();
    // The type that NUMERIC and doubles share would take digits from the doubles.
    let are_doubles = |index: &usize| {
        rows.len() > 1
            && matches!(targets[*index].data_type, RedshiftType::Real | RedshiftType::Double)
            && !rows.iter().all(|row| row[*index].as_ref().is_some_and(shares_numeric))
    };
    let doubles: Vec<usize> = kept.iter().copied().filter(are_doubles).collect();
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        let mut value_row = Vec::with_capacity(kept.len());
        for &index in &kept {
            let value = match &row[index] {
                Some(expression) => expression.clone(),
                None => default_expression(&targets[index])?,
            };
            // Rows of VALUES share a type; values of SUPER each have their own.
            let value = match targets[index].data_type {
                RedshiftType::Super => cast_to(value, super_type()),
                _ if doubles.contains(&index) && is_arithmetic(&value) => {
                    cast_to(value, ast::DataType::Double(ast::ExactNumberInfo::None))
                }
                _ => value,
            };
            value_row.push(if matches!(value, ast::Expr::Value(_)) { value } else { plain_value(value) });
        }
        values.push(value_row);
    }
    if rows.iter().flatten().flatten().any(has_sub_query) {
        let [row] = values.as_mut_slice() else {
            let message = "can't use subqueries in multi-row VALUES";
            return Err(SqlError::new(SqlState::FeatureNotSupported, message));
        };
        let mut query = parse_query("SELECT 1")?;
        if let ast::SetExpr::Select(select) = query.body.as_mut() {
            select.projection = row.drain(..).map(ast::SelectItem::UnnamedExpr).collect();
        }
        return Ok((query, kept.into_iter().map(|index| targets[index].clone()).collect()));
    }
    let mut query = parse_query("VALUES (1)")?;
    if let ast::SetExpr::Values(ast::Values { rows, .. }) = query.body.as_mut() {
        *rows = values.into_iter().map(ast::Parens::with_empty_span).collect();
    }
    Ok((query, kept.into_iter().map(|index| targets[index].clone()).collect()))
}

fn has_sub_query(value: &ast::Expr) -> bool {
    let is_sub_query = |expr: &ast::Expr| match expr {
        ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    };
    ast::visit_expressions(value, is_sub_query).is_break()
}

/// Whether it is a number of a NUMERIC that has room for all such numbers, or NULL.
fn shares_numeric(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Null => true,
            ast::Value::Number(digits, _) => {
                if digits.contains(['e', 'E']) {
                    return false;
                }
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                whole.len().max(fraction.len()) <= SHARED_DIGITS
            }
            _ => false,
        },
        ast::Expr::Nested(value) | ast::Expr::UnaryOp { expr: value, .. } => shares_numeric(value),
        _ => false,
    }
}

/// Whether it is a number, or made of nothing else.
fn is_arithmetic(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::Value(value) => matches!(value.value, ast::Value::Number(..)),
        ast::Expr::Nested(value) | ast::Expr::UnaryOp { expr: value, .. } => is_arithmetic(value),
        ast::Expr::BinaryOp { left, right, .. } => is_arithmetic(left) && is_arithmetic(right),
        _ => false,
    }
}

fn cast_to(value: ast::Expr, data_type: ast::DataType) -> ast::Expr {
    let (kind, expr) = (ast::CastKind::Cast, Box::new(value));
    ast::Expr::Cast { kind, expr, data_type, array: false, format: None }
}

fn super_type() -> ast::DataType {
    ast::DataType::Custom(ast::ObjectName::from(vec![ast::Ident::new("super")]), Vec::new())
}

fn plain_value(value: ast::Expr) -> ast::Expr {
    let argument = ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(value));
    ast::Expr::Function(ast::Function {
        name: ast::ObjectName::from(vec![ast::Ident::new(PLAIN_VALUE)]),
        uses_odbc_syntax: false,
        parameters: ast::FunctionArguments::None,
        args: ast::FunctionArguments::List(ast::FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![argument],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// A column's DEFAULT as an expression; NULL if it has none.
pub(super) fn default_expression(column: &ColumnDefinition) -> Result<ast::Expr, SqlError> {
    let text = column.default.as_deref().unwrap_or("NULL");
    let query = parse_query(&format!("SELECT {text}"))?;
    let item = match *query.body {
        ast::SetExpr::Select(select) => select.projection.into_iter().next(),
        _ => None,
    };
    match item {
        Some(ast::SelectItem::UnnamedExpr(expression)) => Ok(expression),
        _ => Err(SqlError::internal(format!("DEFAULT of column {}: {text}", column.name))),
    }
}

/// Which targets the source fills: fewer columns than targets fill the first ones (RS 3.6).
fn filled(
    source: &LogicalPlan,
    mut targets: Vec<ColumnDefinition>,
    nothing: bool,
) -> Result<Vec<ColumnDefinition>, SqlError> {
    let width = if nothing { 0 } else { source.schema().fields().len() };
    check_width(width, targets.len())?;
    targets.truncate(width);
    Ok(targets)
}

fn check_width(given: usize, targets: usize) -> Result<(), SqlError> {
    if given > targets {
        return Err(SqlError::new(
            SqlState::SyntaxError,
            format!("INSERT has more expressions than target columns ({given} for {targets})"),
        ));
    }
    Ok(())
}

/// Plain IDENTITY columns take no values (RS 3.2).
pub(super) fn check_identity(targets: &[ColumnDefinition]) -> Result<(), SqlError> {
    let plain = |column: &&ColumnDefinition| column.identity.is_some_and(|identity| !identity.by_default);
    match targets.iter().find(plain) {
        None => Ok(()),
        Some(column) => Err(SqlError::new(
            SqlState::SyntaxError,
            format!("cannot set an identity column to a value: \"{}\"", column.name),
        )
        .with_hint("Leave the column out, or declare it GENERATED BY DEFAULT AS IDENTITY.")),
    }
}

/// Converts the source's columns to the types of their targets, in order.
pub(super) fn assign(
    planner: &Planner<'_>,
    source: LogicalPlan,
    targets: &[ColumnDefinition],
) -> Result<LogicalPlan, SqlError> {
    if targets.is_empty() {
        return Ok(source);
    }
    let cast = |(index, target): (usize, &ColumnDefinition)| {
        Ok(cast_to_column(planner, nth_column(&source, index), &source, target)?.alias(&target.name))
    };
    let expressions = targets.iter().enumerate().map(cast).collect::<Result<Vec<_>, SqlError>>()?;
    LogicalPlanBuilder::from(source)
        .project(expressions)
        .and_then(LogicalPlanBuilder::build)
        .map_err(|error| planner.sql_error(&error))
}

/// The expression converted to the type of a column as INSERT and UPDATE do it.
pub(super) fn cast_to_column(
    planner: &Planner<'_>,
    expression: Expr,
    input: &LogicalPlan,
    column: &ColumnDefinition,
) -> Result<Expr, SqlError> {
    let (_, field) = expression.to_field(input.schema()).map_err(|error| planner.sql_error(&error))?;
    assignment_cast(expression, &field, column.data_type, &column.name)
        .map_err(|error| planner.sql_error(&error))
}

/// Where each column of the table gets its values from, given the columns that the rows bring.
pub(super) async fn column_sources(
    context: &mut StatementContext<'_>,
    table: &Table,
    given: &[String],
) -> Result<Vec<ColumnSource>, SqlError> {
    let mut sources = Vec::with_capacity(table.definition.columns.len());
    for column in &table.definition.columns {
        sources.push(if let Some(index) = given.iter().position(|name| *name == column.name) {
            ColumnSource::Input(index)
        } else if let Some(identity) = column.identity {
            ColumnSource::Identity(Arc::new(IdentityCounter::new(context, table, &column.name, identity)?))
        } else {
            ColumnSource::Constant(default_value(context, column).await?)
        });
    }
    Ok(sources)
}

/// A column's DEFAULT, evaluated once for the statement (RS 1.13), NULL if it has none.
pub(crate) async fn default_value(
    context: &StatementContext<'_>,
    column: &ColumnDefinition,
) -> Result<ScalarValue, SqlError> {
    let Some(text) = &column.default else {
        return ScalarValue::try_from(&column.data_type.arrow_type())
            .map_err(|error| SqlError::internal(error.to_string()));
    };
    let plan = context.with_planner(|planner| {
        let source = planner.query_text(&format!("SELECT {text}"))?;
        assign(planner, source, std::slice::from_ref(column))
    })?;
    let batches = context.stream(&plan).await?.try_collect::<Vec<_>>().await;
    let batches = batches.map_err(|error| context.submitted_error(&error))?;
    match batches.iter().find(|batch| batch.num_rows() > 0) {
        Some(batch) => ScalarValue::try_from_array(batch.column(0), 0)
            .map_err(|error| SqlError::internal(error.to_string())),
        None => Err(SqlError::internal(format!("DEFAULT {text} has no value"))),
    }
}
