//! One file of a scan that reads through the cache.

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::SchemaRef;
use datafusion::common::exec_datafusion_err;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{
    ParquetAccessPlan, RowGroupAccessPlanFilter, transform_schema_to_view,
};
use datafusion::datasource::physical_plan::{FileScanConfig, ParquetFileMetrics};
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::{ProjectionExprs, Projector};
use datafusion::physical_expr::simplifier::PhysicalExprSimplifier;
use datafusion::physical_expr::utils::reassign_expr_columns;
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion_datasource::morsel::{Morsel, MorselPlan, MorselPlanner};
use dwh_storage::DataFile;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::{ChunkKey, ColumnCache, ScanId};
use crate::scan::TableOfFile;

/// What the files of a thread's scan have in common.
pub(super) struct Scan {
    cache: Arc<ColumnCache>,
    id: ScanId,
    batch_rows: usize,
    partition: usize,
    table_schema: SchemaRef,
    output_schema: SchemaRef,
    projection: ProjectionExprs,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    adapters: Arc<dyn PhysicalExprAdapterFactory>,
    metrics: ExecutionPlanMetricsSet,
}

impl fmt::Debug for Scan {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Scan")
            .field("id", &self.id)
            .field("partition", &self.partition)
            .finish_non_exhaustive()
    }
}

impl Scan {
    pub(super) fn new(
        config: &FileScanConfig,
        partition: usize,
        cache: Arc<ColumnCache>,
        id: ScanId,
        batch_rows: usize,
    ) -> Result<Self> {
        let source = config.file_source();
        let table_schema = Arc::clone(source.table_schema().file_schema());
        let projection = match source.projection() {
            Some(projection) => projection.clone(),
            None => {
                ProjectionExprs::from_indices(&Vec::from_iter(0..table_schema.fields().len()), &table_schema)
            }
        };
        let adapters = config
            .expr_adapter_factory
            .clone()
            .ok_or_else(|| DataFusionError::Internal("a scan of a stored table has an adapter".to_owned()))?;
        Ok(Self {
            cache,
            id,
            batch_rows,
            partition,
            output_schema: config.projected_schema()?,
            table_schema,
            projection,
            predicate: source.filter(),
            adapters,
            metrics: source.metrics().clone(),
        })
    }
}

/// A file whose columns are kept, and how its rows become those of the scan.
#[derive(Debug)]
pub(super) struct FileScan {
    scan: Arc<Scan>,
    file: Arc<DataFile>,
    path: Arc<str>,
    metadata: ArrowReaderMetadata,
    /// Positions of the columns that are read, ascending.
    columns: Vec<usize>,
    /// The schema of those columns.
    schema: SchemaRef,
    projector: Projector,
    row_groups: Vec<usize>,
}

impl FileScan {
    /// The file's scan, if an earlier scan has read the same columns.
    ///
    /// # Errors
    /// The file's footer cannot be read, a column cannot be brought to its type.
    pub(super) fn of_repeated(scan: &Arc<Scan>, partitioned: &PartitionedFile) -> Result<Option<Self>> {
        let Some(TableOfFile { file, .. }) = partitioned.extension::<TableOfFile>() else { return Ok(None) };
        let path: Arc<str> = Arc::from(partitioned.object_meta.location.as_ref());
        if !scan.cache.were_scanned_before(&path, &scan.projection.column_indices(), scan.id) {
            return Ok(None);
        }
        let footer = file.metadata().map_err(|error| DataFusionError::External(Box::new(error)))?;
        let physical = Arc::new(transform_schema_to_view(footer.schema()));
        let adapter = scan.adapters.create(Arc::clone(&scan.table_schema), Arc::clone(&physical))?;
        let simplifier = PhysicalExprSimplifier::new(&physical);
        let adapt = |expr| simplifier.simplify(adapter.rewrite(expr)?);
        let projection = scan.projection.clone().try_map_exprs(adapt)?;
        let columns = projection.column_indices();
        let schema = Arc::new(physical.project(&columns)?);
        let projector =
            projection.try_map_exprs(|expr| reassign_expr_columns(expr, &schema))?.make_projector(&schema)?;
        let options = ArrowReaderOptions::new().with_schema(Arc::clone(&physical));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), options)?;
        let groups = metadata.metadata().row_groups();
        let mut kept = RowGroupAccessPlanFilter::new(ParquetAccessPlan::new_all(groups.len()));
        if let Some(range) = &partitioned.range {
            kept.prune_by_range(groups, range);
        }
        if let Some(predicate) = scan.predicate.clone().map(adapt).transpose()?
            && let Some(pruning) =
                PruningPredicateBuilder::new().with_file_schema(Arc::clone(&physical)).build(predicate)
        {
            let metrics = ParquetFileMetrics::new(scan.partition, &path, &scan.metrics);
            kept.prune_by_statistics(&physical, metadata.parquet_schema(), groups, &pruning, &metrics);
        }
        let row_groups = kept.row_group_indexes().collect();
        Ok(Some(Self {
            scan: Arc::clone(scan),
            file: Arc::clone(file),
            path,
            metadata,
            columns,
            schema,
            projector,
            row_groups,
        }))
    }

    fn key(&self, row_group: usize, column: usize) -> ChunkKey {
        ChunkKey { path: Arc::clone(&self.path), row_group, column }
    }

    /// The rows of a row group: from the cache, and what is not there from the file.
    fn read(&self, row_group: usize) -> Result<RecordBatch> {
        let cache = &self.scan.cache;
        let mut columns: Vec<Option<ArrayRef>> =
            self.columns.iter().map(|column| cache.get(&self.key(row_group, *column))).collect();
        let missing: Vec<usize> = self
            .columns
            .iter()
            .zip(&columns)
            .filter(|(_, known)| known.is_none())
            .map(|(column, _)| *column)
            .collect();
        if !missing.is_empty() {
            let decoded = self.decode(row_group, &missing)?;
            for (column, values) in missing.iter().zip(decoded.columns()) {
                cache.put(self.key(row_group, *column), Arc::clone(values));
                if let Ok(position) = self.columns.binary_search(column) {
                    columns[position] = Some(Arc::clone(values));
                }
            }
        }
        let rows = self.metadata.metadata().row_group(row_group).num_rows() as usize;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let columns = columns.into_iter().flatten().collect();
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }

    fn decode(&self, row_group: usize, columns: &[usize]) -> Result<RecordBatch> {
        let file = File::open(&self.file.path)
            .map_err(|error| exec_datafusion_err!("{}: {error}", self.file.path.display()))?;
        let group = self.metadata.metadata().row_group(row_group);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_projection(ProjectionMask::roots(self.metadata.parquet_schema(), columns.iter().copied()))
            .with_row_groups(vec![row_group])
            .with_batch_size(group.num_rows() as usize)
            .build()?;
        let schema = reader.schema();
        let batches = reader.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(concat_batches(&schema, &batches)?)
    }

    /// Which rows of a row group are not deleted; `None` if all.
    fn live_rows(&self, row_group: usize) -> Result<Option<BooleanArray>> {
        let deleted =
            self.file.deleted.positions().map_err(|error| DataFusionError::External(Box::new(error)))?;
        let rows_of = |group: usize| self.metadata.metadata().row_group(group).num_rows() as u64;
        let start: u64 = (0..row_group).map(rows_of).sum();
        let rows = rows_of(row_group);
        let within = &deleted[deleted.partition_point(|row| *row < start)..];
        let within = &within[..within.partition_point(|row| *row < start + rows)];
        if within.is_empty() {
            return Ok(None);
        }
        let mut live = vec![true; rows as usize];
        for row in within {
            live[(row - start) as usize] = false;
        }
        Ok(Some(BooleanArray::from(live)))
    }

    /// The scan's batches of a row group.
    fn batches(
        self: Arc<Self>,
        row_group: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send> {
        let rows = self.read(row_group)?;
        let live = self.live_rows(row_group)?;
        let step = self.scan.batch_rows.max(1);
        let starts = (0..rows.num_rows()).step_by(step);
        Ok(starts.map(move |start| {
            let count = step.min(rows.num_rows() - start);
            let mut batch = rows.slice(start, count);
            if let Some(live) = &live {
                batch = filter_record_batch(&batch, &live.slice(start, count))?;
            }
            let (_, columns, count) = self.projector.project_batch(&batch)?.into_parts();
            let options = RecordBatchOptions::new().with_row_count(Some(count));
            // The schema of the table, with its metadata.
            let schema = Arc::clone(&self.scan.output_schema);
            Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
        }))
    }
}

impl MorselPlanner for FileScan {
    fn plan(self: Box<Self>) -> Result<Option<MorselPlan>> {
        if self.row_groups.is_empty() {
            return Ok(None);
        }
        Ok(Some(MorselPlan::new().with_morsels(vec![self])))
    }
}

impl Morsel for FileScan {
    fn into_stream(self: Box<Self>) -> BoxStream<'static, Result<RecordBatch>> {
        let file = Arc::new(*self);
        stream::iter(file.row_groups.clone())
            .map(move |row_group| Arc::clone(&file).batches(row_group).map(stream::iter))
            .try_flatten()
            .boxed()
    }
}
