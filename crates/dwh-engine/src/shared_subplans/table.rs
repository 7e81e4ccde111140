use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_datafusion_err;
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use tokio::sync::OnceCell;

use super::operator::{SharedExec, SharedResult};

/// The result of a sub-query that stands more than once in a plan.
#[derive(Debug)]
pub(super) struct SharedTable {
    /// The sub-query, as it was written.
    pub(super) plan: Arc<LogicalPlan>,
    /// Its columns, each with a name of its own.
    pub(super) schema: SchemaRef,
    prepared: Mutex<Option<Arc<Prepared>>>,
}

/// What is computed of a sub-query for all places together.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The optimized plan.
    plan: Arc<LogicalPlan>,
    /// Positions in the sub-query of the columns that it gives, ascending.
    columns: Vec<usize>,
    result: OnceCell<Arc<SharedResult>>,
}

impl Prepared {
    pub(super) fn new(plan: LogicalPlan, columns: Vec<usize>) -> Self {
        Self { plan: Arc::new(plan), columns, result: OnceCell::new() }
    }
}

impl SharedTable {
    pub(super) fn new(plan: Arc<LogicalPlan>) -> Self {
        let mut names = HashSet::new();
        let fields = plan.schema().fields().iter().enumerate().map(|(position, field)| {
            let field = field.as_ref().clone();
            if names.insert(field.name().clone()) {
                return field;
            }
            // Columns of two tables: no name has a line end.
            let name = format!("{}\n{position}", field.name());
            field.with_name(name)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Self { plan, schema, prepared: Mutex::default() }
    }

    pub(super) fn prepare(&self, prepared: Prepared) {
        *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(prepared));
    }

    fn prepared(&self) -> Option<Arc<Prepared>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is computed, or before that is settled, the sub-query.
    pub(super) fn input(&self) -> Arc<LogicalPlan> {
        self.prepared().map_or_else(|| Arc::clone(&self.plan), |prepared| Arc::clone(&prepared.plan))
    }
}

#[async_trait]
impl TableProvider for SharedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // A condition that only some places have stays with them.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let missing = || internal_datafusion_err!("a shared result was not prepared");
        let prepared = self.prepared().ok_or_else(missing)?;
        let result = prepared.result.get_or_try_init(async || {
            let state = state.as_any().downcast_ref::<SessionState>().ok_or_else(missing)?;
            let plan = state.query_planner().create_physical_plan(&prepared.plan, state).await?;
            Ok::<_, datafusion::error::DataFusionError>(Arc::new(SharedResult::new(plan)))
        });
        let result = Arc::clone(result.await?);
        let all = Vec::from_iter(0..self.schema.fields().len());
        let wanted = projection.unwrap_or(&all);
        let positions =
            wanted.iter().map(|column| prepared.columns.binary_search(column).map_err(|_| missing()));
        let schema = Arc::new(self.schema.project(wanted)?);
        Ok(Arc::new(SharedExec::new(result, positions.collect::<Result<_>>()?, schema)))
    }
}
