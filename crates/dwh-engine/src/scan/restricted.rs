//! A table or view of which a user may read some columns only.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use dwh_common::SqlError;

use crate::error::into_datafusion;

/// Refuses plans that need a column which may not be read. Which ones a plan needs is known once its
/// projections are pushed down, so it is asked when the scan is made.
#[derive(Debug)]
pub(crate) struct Restricted {
    inner: Arc<dyn TableProvider>,
    /// For each column, whether it may be read.
    readable: Vec<bool>,
    error: SqlError,
}

impl Restricted {
    pub(crate) fn new(inner: Arc<dyn TableProvider>, readable: Vec<bool>, error: SqlError) -> Self {
        Self { inner, readable, error }
    }

    /// The table or view itself.
    pub(crate) fn inner(&self) -> &Arc<dyn TableProvider> {
        &self.inner
    }
}

#[async_trait]
impl TableProvider for Restricted {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        self.inner.table_type()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || self.readable.iter().all(|readable| *readable);
        let only = |columns: &Vec<usize>| {
            columns.iter().all(|column| self.readable.get(*column).copied().unwrap_or(false))
        };
        if !projection.map_or_else(all, only) {
            return Err(into_datafusion(self.error.clone()));
        }
        self.inner.scan(state, projection, filters, limit).await
    }
}
