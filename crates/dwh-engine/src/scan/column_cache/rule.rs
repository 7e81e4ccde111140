use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::physical_plan::{FileScanConfig, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

use super::ColumnCache;
use super::source::CachedSource;
use crate::scan::TableOfFile;

/// Bytes that a text is taken to have, its view included.
const TEXT_BYTES: usize = 32;

/// Lets the scans of a finished plan read through the cache.
#[derive(Debug)]
pub(crate) struct CachedScans(pub(crate) Arc<ColumnCache>);

impl PhysicalOptimizerRule for CachedScans {
    fn name(&self) -> &str {
        "cached_scans"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let config = plan
                .downcast_ref::<DataSourceExec>()
                .and_then(|exec| exec.data_source().downcast_ref::<FileScanConfig>());
            let Some(config) = config.filter(|config| self.is_worth_caching(config)) else {
                return Ok(Transformed::no(plan));
            };
            let source =
                CachedSource::new(Arc::clone(config.file_source()), Arc::clone(&self.0), self.0.next_scan());
            let cached = FileScanConfigBuilder::from(config.clone()).with_source(Arc::new(source)).build();
            Ok(Transformed::yes(DataSourceExec::from_data_source(cached)))
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

impl CachedScans {
    /// Not if the scan wants the first rows only, the addresses of rows, or more than half of the room.
    fn is_worth_caching(&self, config: &FileScanConfig) -> bool {
        let source = config.file_source();
        let table = source.table_schema();
        let is_plain = config.limit.is_none()
            && source.downcast_ref::<ParquetSource>().is_some()
            && table.table_schema().fields().len() == table.file_schema().fields().len();
        if !is_plain {
            return false;
        }
        let Ok(schema) = config.projected_schema() else { return false };
        let width: usize = schema
            .fields()
            .iter()
            .map(|field| field.data_type().primitive_width().unwrap_or(TEXT_BYTES))
            .sum();
        let files = config.file_groups.iter().flat_map(|group| group.files());
        let mut rows = 0;
        for file in files {
            let Some(table) = file.extension::<TableOfFile>() else { return false };
            // A file that is shared among threads is counted for each: it is a rough bound.
            rows += table.file.rows as usize;
        }
        rows.saturating_mul(width) <= self.0.capacity_bytes / 2
    }
}
