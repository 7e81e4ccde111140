//! CREATE TABLE … AS, SELECT … INTO (RS 3.5).

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::logical_expr::{Expr, LogicalPlan, Sort, SortExpr};
use dwh_common::{RedshiftType, SqlError, SqlState, TYPE_METADATA_KEY};
use dwh_sql::statement::{AttributeSpec, CreateTableAs, DistributionSpec, SortKeySpec};
use dwh_storage::{Distribution, SortKey, Table, TableAttributes};

use super::create_table::{apply, define, may_create};
use super::insert::assign;
use super::rows::{ColumnSource, insert_plan};
use crate::context::StatementContext;
use crate::estimate::stored;
use crate::plan::{labels, result_schema};
use crate::result::Outcome;
use crate::typing::is_case_insensitive;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    statement: &CreateTableAs,
) -> Result<Outcome, SqlError> {
    create(context, statement, true).await?;
    Ok(Outcome::done("SELECT"))
}

/// Creates the table and fills it. A table `inherits` the keys of the one that it is made of; a materialized view does
/// not.
pub(super) async fn create(
    context: &mut StatementContext<'_>,
    create: &CreateTableAs,
    inherits: bool,
) -> Result<Arc<Table>, SqlError> {
    may_create(context, &create.name, create.temporary, false)?;
    let plan = context.with_planner(|planner| planner.query((*create.query).clone()))?;
    let names = if create.columns.is_empty() { labels(plan.schema()) } else { create.columns.clone() };
    let fields = result_schema(plan.schema(), &context.physical(&plan).await?.schema())?;
    if names.len() != fields.fields().len() {
        return Err(SqlError::new(
            SqlState::SyntaxError,
            format!(
                "CREATE TABLE AS names {} columns and its query has {}",
                names.len(),
                fields.fields().len()
            ),
        ));
    }
    let mut columns = Vec::with_capacity(names.len());
    for ((name, field), planned) in names.iter().zip(fields.fields()).zip(plan.schema().fields()) {
        if name == "?column?"
            || columns.iter().any(|column: &dwh_storage::ColumnDefinition| column.name == *name)
        {
            return Err(SqlError::new(
                SqlState::DuplicateColumn,
                format!("column \"{name}\" specified more than once or without a name"),
            )
            .with_hint("Give each column of the query a name with AS."));
        }
        let data_type = RedshiftType::of_field(field)
            .ok_or_else(|| SqlError::unsupported(format!("a column of type {}", field.data_type())))?;
        let mut column = dwh_storage::ColumnDefinition::new(name, data_type);
        column.case_insensitive = is_case_insensitive(planned);
        columns.push(column);
    }
    let mut attributes = TableAttributes::default();
    if inherits && create.attributes.distribution.is_none() && create.attributes.sort_key.is_none() {
        inherit(&plan, &names, &mut attributes);
    }
    apply(&by_name(&create.attributes, &names)?, &mut attributes);
    let table = define(context, &create.name, create.temporary, columns, attributes)?;
    let sources = (0..names.len()).map(ColumnSource::Input).collect();
    let plan = within_columns(context, plan, &table)?;
    insert_plan(context, &table, &plan, sources).await?;
    Ok(table)
}

/// The plan with computed texts checked, which may be longer than a column.
fn within_columns(
    context: &mut StatementContext<'_>,
    plan: LogicalPlan,
    table: &Table,
) -> Result<LogicalPlan, SqlError> {
    let is_computed_text = |field: &Arc<Field>| {
        matches!(field.data_type(), DataType::Utf8 | DataType::Utf8View)
            && !field.metadata().contains_key(TYPE_METADATA_KEY)
    };
    if !plan.schema().fields().iter().any(is_computed_text) {
        return Ok(plan);
    }
    context.with_planner(|planner| assign(planner, plan.clone(), &table.definition.columns))
}

/// Distribution and sort key of the one table that the query reads, if it does no more than select and sort (the
/// guide's page "CTAS usage notes"); ORDER BY makes its columns the sort key.
fn inherit(plan: &LogicalPlan, names: &[String], attributes: &mut TableAttributes) {
    let (sort, selected) = match plan {
        LogicalPlan::Sort(Sort { expr, input, fetch: None }) => (Some(expr), input.as_ref()),
        plan => (None, plan),
    };
    let Some((table, columns)) = source(selected) else { return };
    let new_name = |column: &str| {
        let at = columns.iter().position(|known| known.as_deref() == Some(column))?;
        names.get(at).cloned()
    };
    let kept = &table.definition.attributes;
    attributes.distribution = match &kept.distribution {
        Distribution::Key(column) => new_name(column).map_or(Distribution::Auto, Distribution::Key),
        other => other.clone(),
    };
    let leading =
        |columns: &[String]| columns.iter().map_while(|column| new_name(column)).collect::<Vec<_>>();
    let sort_key = match (sort, &kept.sort_key) {
        (Some(order), _) => {
            let place = |sort: &SortExpr| match &sort.expr {
                Expr::Column(column) => selected.schema().maybe_index_of_column(column),
                _ => None,
            };
            SortKey::Compound(order.iter().map_while(place).filter_map(|at| names.get(at).cloned()).collect())
        }
        (None, SortKey::Auto) => SortKey::Auto,
        (None, SortKey::Compound(columns)) => SortKey::Compound(leading(columns)),
        (None, SortKey::Interleaved(columns)) => SortKey::Interleaved(leading(columns)),
    };
    let is_empty =
        matches!(&sort_key, SortKey::Compound(columns) | SortKey::Interleaved(columns) if columns.is_empty());
    attributes.sort_key = if is_empty { SortKey::Auto } else { sort_key };
}

/// The stored table that a plan only selects from, and which of its columns each column of the plan is.
fn source(plan: &LogicalPlan) -> Option<(Arc<Table>, Vec<Option<String>>)> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let columns = scan.projected_schema.fields().iter().map(|field| Some(field.name().clone()));
            Some((stored(scan)?, columns.collect()))
        }
        LogicalPlan::SubqueryAlias(alias) => source(&alias.input),
        LogicalPlan::Filter(filter) => source(&filter.input),
        LogicalPlan::Projection(projection) => {
            let (table, below) = source(&projection.input)?;
            let column = |expression: &Expr| match expression.clone().unalias_nested().data {
                Expr::Column(column) => {
                    let at = projection.input.schema().maybe_index_of_column(&column)?;
                    below.get(at).cloned().flatten()
                }
                _ => None,
            };
            Some((table, projection.expr.iter().map(column).collect()))
        }
        _ => None,
    }
}

/// DISTKEY and SORTKEY may be given as positions (RS 3.5).
fn by_name(spec: &AttributeSpec, names: &[String]) -> Result<AttributeSpec, SqlError> {
    let name = |text: &String| match text.parse::<usize>() {
        Err(_) => Ok(text.clone()),
        Ok(position) => names.get(position.wrapping_sub(1)).cloned().ok_or_else(|| {
            SqlError::new(
                SqlState::InvalidColumnReference,
                format!("position {position} is not in the select list"),
            )
        }),
    };
    let all = |texts: &[String]| texts.iter().map(name).collect::<Result<Vec<_>, _>>();
    Ok(AttributeSpec {
        distribution: match &spec.distribution {
            Some(DistributionSpec::Key(column)) => Some(DistributionSpec::Key(name(column)?)),
            other => other.clone(),
        },
        sort_key: match &spec.sort_key {
            Some(SortKeySpec::Compound(columns)) => Some(SortKeySpec::Compound(all(columns)?)),
            Some(SortKeySpec::Interleaved(columns)) => Some(SortKeySpec::Interleaved(all(columns)?)),
            other => other.clone(),
        },
        backup_no: spec.backup_no,
    })
}
