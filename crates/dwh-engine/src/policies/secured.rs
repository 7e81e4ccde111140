//! A relation behind its policies, which the optimizer does not look into.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::catalog::default_table_source::source_as_provider;
use datafusion::datasource::{TableProvider, TableType, ViewTable};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScan};
use datafusion::physical_plan::ExecutionPlan;

use crate::property_barriers::PropertyBarrier;
use crate::scan::Restricted;

/// Runs the query that stands in a relation's place. Conditions of the query above stay above it: a function or operator
/// in one could otherwise tell of rows that the policies hide.
#[derive(Debug)]
pub(crate) struct Secured {
    view: ViewTable,
    plan: LogicalPlan,
    by_rows: bool,
    shown: bool,
}

impl Secured {
    /// `by_rows`: row-level security is part of it. `shown`: EXPLAIN tells what is inside.
    pub(crate) fn new(plan: LogicalPlan, by_rows: bool, shown: bool) -> Self {
        Self { view: ViewTable::new(plan.clone(), None), plan, by_rows, shown }
    }

    /// What is behind a scan, if it is one of these.
    pub(crate) fn behind<T>(scan: &TableScan, look: impl FnOnce(&Self) -> T) -> Option<T> {
        let provider = source_as_provider(&scan.source).ok()?;
        match provider.downcast_ref::<Restricted>() {
            Some(restricted) => restricted.inner().downcast_ref::<Self>().map(look),
            None => provider.downcast_ref::<Self>().map(look),
        }
    }

    /// The query in the relation's place.
    pub(crate) fn plan(&self) -> &LogicalPlan {
        &self.plan
    }

    /// Whether row-level security is part of it.
    pub(crate) fn is_by_rows(&self) -> bool {
        self.by_rows
    }

    /// Whether the user may see in EXPLAIN what is inside.
    pub(crate) fn is_shown(&self) -> bool {
        self.shown
    }
}

#[async_trait]
impl TableProvider for Secured {
    fn schema(&self) -> SchemaRef {
        self.view.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = self.view.scan(state, projection, filters, limit).await?;
        Ok(Arc::new(PropertyBarrier::new(rows)?))
    }
}
