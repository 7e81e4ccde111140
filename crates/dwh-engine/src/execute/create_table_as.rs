//! CREATE TABLE … AS, SELECT … INTO (RS 3.5).

use std::sync::Arc;

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{AttributeSpec, CreateTableAs, DistributionSpec, SortKeySpec};
use dwh_storage::{Table, TableAttributes};

use super::create_table::{apply, define, may_create};
use super::rows::{ColumnSource, insert_plan};
use crate::context::StatementContext;
use crate::plan::{labels, result_schema};
use crate::result::Outcome;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    statement: &CreateTableAs,
) -> Result<Outcome, SqlError> {
    create(context, statement).await?;
    Ok(Outcome::done("SELECT"))
}

/// Creates the table and fills it.
pub(super) async fn create(
    context: &mut StatementContext<'_>,
    create: &CreateTableAs,
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
    for (name, field) in names.iter().zip(fields.fields()) {
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
        columns.push(dwh_storage::ColumnDefinition::new(name, data_type));
    }
    let mut attributes = TableAttributes::default();
    apply(&by_name(&create.attributes, &names)?, &mut attributes);
    let table = define(context, &create.name, create.temporary, columns, attributes)?;
    let sources = (0..names.len()).map(ColumnSource::Input).collect();
    insert_plan(context, &table, &plan, sources).await?;
    Ok(table)
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
