//! What DELETE, UPDATE and MERGE share: a query over the target that returns the addresses of rows,
//! and the bookkeeping of which rows it found.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int32Type, Int64Type};
use datafusion::logical_expr::LogicalPlan;
use dwh_common::SqlError;
use dwh_sql::statement::TableName;
use dwh_storage::Table;
use futures::TryStreamExt;
use sqlparser::ast;

use crate::context::StatementContext;
use crate::names::Names;
use crate::plan::Planner;
use crate::scan::{ROW_COLUMN, SOURCE_COLUMN};

/// The name under which the target stands in the query; no table can be called so.
pub(super) const TARGET: &str = "__dwh_target";

/// Rows of the target, found once each.
#[derive(Default)]
pub(super) struct FoundRows {
    rows: HashSet<(i32, i64)>,
    repeated: u64,
}

/// What a change of rows did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changed {
    /// Rows that were deleted or replaced.
    pub(super) rows: u64,
    /// How often such a row was found again.
    pub(super) repeated: u64,
}

impl FoundRows {
    /// Takes the addresses in the first two columns and gives back the rows that are new, without them.
    pub(super) fn take(&mut self, batch: &RecordBatch) -> Result<RecordBatch, SqlError> {
        let sources = batch.column(0).as_primitive::<Int32Type>();
        let rows = batch.column(1).as_primitive::<Int64Type>();
        let new: Vec<bool> =
            (0..batch.num_rows()).map(|at| self.rows.insert((sources.value(at), rows.value(at)))).collect();
        self.repeated += new.iter().filter(|new| !**new).count() as u64;
        let values = batch
            .project(&(2..batch.num_columns()).collect::<Vec<_>>())
            .and_then(|values| filter_record_batch(&values, &new.into()));
        values.map_err(|error| SqlError::internal(error.to_string()))
    }

    /// Deletes the rows that were found. Comes before anything is added to the table: the addresses are
    /// those of the table as it was read.
    pub(super) fn delete(
        self,
        context: &mut StatementContext<'_>,
        table: &Table,
    ) -> Result<Changed, SqlError> {
        let changed = Changed { rows: self.rows.len() as u64, repeated: self.repeated };
        let mut by_source: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (source, row) in self.rows {
            by_source.entry(source as usize).or_default().push(row as u64);
        }
        for rows in by_source.values_mut() {
            rows.sort_unstable();
        }
        context.transaction.delete_rows(table.id, by_source.into_iter().collect())?;
        context.wrote("delete", table, changed.rows);
        Ok(changed)
    }
}

/// Plans with the target's rows addressable under [`TARGET`].
pub(super) fn with_target<T>(
    context: &StatementContext<'_>,
    table: &Arc<Table>,
    work: impl FnOnce(&Planner<'_>) -> Result<T, SqlError>,
) -> Result<T, SqlError> {
    let names = Names { target: Some((TARGET, table)), ..context.names() };
    context.with_planner_on(names, work)
}

/// Runs a plan and gives each batch to `take`.
pub(super) async fn for_each_batch(
    context: &StatementContext<'_>,
    plan: &LogicalPlan,
    mut take: impl FnMut(RecordBatch) -> Result<(), SqlError>,
) -> Result<(), SqlError> {
    let mut stream = context.stream(plan).await?;
    while let Some(batch) = stream.try_next().await.map_err(|error| context.submitted_error(&error))? {
        take(batch)?;
    }
    Ok(())
}

/// `target.column` as an expression.
pub(super) fn target_column(alias: &str, column: &str) -> ast::Expr {
    ast::Expr::CompoundIdentifier(vec![
        ast::Ident::with_quote('"', alias),
        ast::Ident::with_quote('"', column),
    ])
}

/// The address columns as select items.
pub(super) fn address_items(alias: &str) -> Vec<ast::SelectItem> {
    [SOURCE_COLUMN, ROW_COLUMN]
        .map(|column| ast::SelectItem::UnnamedExpr(target_column(alias, column)))
        .to_vec()
}

/// The target as a table factor, under its alias.
pub(super) fn target_factor(alias: &str) -> ast::TableFactor {
    table_factor(&[TARGET], Some(alias))
}

/// A table under its own name, or an alias.
pub(super) fn named_factor(table: &TableName, alias: Option<&str>) -> ast::TableFactor {
    let parts: Vec<&str> = table.schema.iter().chain([&table.name]).map(String::as_str).collect();
    table_factor(&parts, alias)
}

fn table_factor(name: &[&str], alias: Option<&str>) -> ast::TableFactor {
    let quoted = |part: &str| ast::Ident::with_quote('"', part);
    ast::TableFactor::Table {
        name: ast::ObjectName::from(name.iter().map(|part| quoted(part)).collect::<Vec<_>>()),
        alias: alias.map(|alias| ast::TableAlias {
            explicit: true,
            name: quoted(alias),
            columns: Vec::new(),
            at: None,
        }),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// A relation without joins.
pub(super) fn relation(factor: ast::TableFactor) -> ast::TableWithJoins {
    ast::TableWithJoins { relation: factor, joins: Vec::new() }
}
