use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpener, FileScanConfig, FileSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion_datasource::morsel::{MorselPlanner, Morselizer};
use object_store::ObjectStore;

use super::file_scan::{FileScan, Scan};
use super::{ColumnCache, ScanId};

/// Parquet files, of which columns that were read before are kept decoded.
pub(super) struct CachedSource {
    inner: Arc<dyn FileSource>,
    cache: Arc<ColumnCache>,
    scan: ScanId,
    batch_rows: usize,
}

impl CachedSource {
    pub(super) fn new(inner: Arc<dyn FileSource>, cache: Arc<ColumnCache>, scan: ScanId) -> Self {
        Self { inner, cache, scan, batch_rows: 0 }
    }
}

impl FileSource for CachedSource {
    fn create_file_opener(
        &self,
        _: Arc<dyn ObjectStore>,
        _: &FileScanConfig,
        _: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        Err(DataFusionError::Internal("the column cache reads files by morsels".to_owned()))
    }

    fn create_morselizer(
        &self,
        store: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        partition: usize,
    ) -> Result<Box<dyn Morselizer>> {
        let inner = self.inner.create_morselizer(store, config, partition)?;
        let scan = Scan::new(config, partition, Arc::clone(&self.cache), self.scan, self.batch_rows)?;
        Ok(Box::new(CachedMorselizer { inner, scan: Arc::new(scan) }))
    }

    fn table_schema(&self) -> &TableSchema {
        self.inner.table_schema()
    }

    fn with_batch_size(&self, batch_rows: usize) -> Arc<dyn FileSource> {
        Arc::new(Self {
            inner: self.inner.with_batch_size(batch_rows),
            cache: Arc::clone(&self.cache),
            scan: self.scan,
            batch_rows,
        })
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.inner.filter()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        self.inner.projection()
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.inner.metrics()
    }

    fn file_type(&self) -> &str {
        self.inner.file_type()
    }

    fn fmt_extra(&self, format: DisplayFormatType, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt_extra(format, to)
    }

    fn reorder_files(&self, files: Vec<PartitionedFile>) -> Vec<PartitionedFile> {
        self.inner.reorder_files(files)
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.inner.apply_expressions(visit)
    }
}

/// Reads each file through the cache, or as DataFusion does.
#[derive(Debug)]
struct CachedMorselizer {
    inner: Box<dyn Morselizer>,
    scan: Arc<Scan>,
}

impl Morselizer for CachedMorselizer {
    fn plan_file(&self, file: PartitionedFile) -> Result<Box<dyn MorselPlanner>> {
        match FileScan::of_repeated(&self.scan, &file)? {
            Some(scan) => Ok(Box::new(scan)),
            None => self.inner.plan_file(file),
        }
    }
}
