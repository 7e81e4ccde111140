use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::cast;
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::ScalarValue;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;
use dwh_storage::{DataFile, Table};
use object_store::ObjectMeta;
use object_store::path::Path as ObjectPath;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

use super::field_id_adapter::FieldIdAdapterFactory;
use super::{row_address, statistics};
use crate::system_tables::catalog::relation_oid;
use crate::typing::mark_case_insensitive;

/// So many rows come in the order in which they were written, from one partition: more would not be faster for fewer
/// rows than a batch holds.
const ROWS_IN_ORDER: u64 = 8192;

/// The table that a file of a plan belongs to.
#[derive(Debug, Clone)]
pub(crate) struct TableOfFile {
    /// Number in the catalog (RS 5.5).
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) file: Arc<DataFile>,
}

/// A state of a stored table as DataFusion reads it.
#[derive(Debug)]
pub(crate) struct StoredTable {
    table: Arc<Table>,
    schema: SchemaRef,
    /// Whether the two address columns are behind the table's own.
    addresses: bool,
}

impl StoredTable {
    /// The table's own columns.
    pub(crate) fn new(table: Arc<Table>) -> Self {
        let schema = planned_schema(&table);
        Self { table, schema, addresses: false }
    }

    /// The table's columns and the address of each row.
    pub(crate) fn with_addresses(table: Arc<Table>) -> Self {
        let schema = row_address::with_addresses(&planned_schema(&table));
        Self { table, schema, addresses: true }
    }

    /// The state of the table.
    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    fn parquet_scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut table_schema = TableSchema::builder(planned_schema(&self.table));
        if self.addresses {
            table_schema = table_schema
                .with_table_partition_cols(vec![row_address::source_field()])
                .with_virtual_columns(vec![row_address::row_field()]);
        }
        let files =
            self.table.files.iter().enumerate().map(|(index, file)| self.partitioned_file(index, file));
        let files = files.collect::<Result<Vec<_>>>()?;
        let rows: u64 = self.table.files.iter().map(|file| file.rows).sum();
        let groups = match rows {
            0..=ROWS_IN_ORDER => vec![FileGroup::new(files)],
            _ => FileGroup::new(files).split_files(state.config().target_partitions()),
        };
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        let positions = projection.map_or(&all[..], Vec::as_slice);
        let statistics = statistics::of_files(&self.table, &self.schema, positions);

        let source = ParquetSource::new(table_schema.build())
            .with_table_parquet_options(state.table_options().parquet.clone());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_expr_adapter(Some(Arc::new(self.adapter()?)))
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    fn adapter(&self) -> Result<FieldIdAdapterFactory> {
        let columns = &self.table.definition.columns;
        let mut initial_defaults = HashMap::new();
        for column in columns {
            let value = self
                .table
                .initial_value(column)
                .map_err(|error| DataFusionError::External(Box::new(error)))?;
            let value = cast(&value, &column.data_type.planned_type())?;
            initial_defaults.insert(column.name.clone(), ScalarValue::try_from_array(&value, 0)?);
        }
        Ok(FieldIdAdapterFactory {
            ids: columns.iter().map(|column| (column.name.clone(), column.id)).collect(),
            initial_defaults,
        })
    }

    fn partitioned_file(&self, index: usize, file: &Arc<DataFile>) -> Result<PartitionedFile> {
        let location = ObjectPath::from_absolute_path(&file.path)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let mut partitioned = PartitionedFile::new_from_meta(ObjectMeta {
            location,
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: file.bytes,
            e_tag: None,
            version: None,
        });
        if self.addresses {
            partitioned = partitioned.with_partition_values(vec![ScalarValue::Int32(Some(index as i32))]);
        }
        partitioned = partitioned.with_extension(TableOfFile {
            id: relation_oid(self.table.id),
            name: self.table.definition.name.clone(),
            file: Arc::clone(file),
        });
        let deleted = file.deleted.positions().map_err(|error| DataFusionError::External(Box::new(error)))?;
        if !deleted.is_empty() {
            let selection = all_but(&deleted, file.rows);
            partitioned = partitioned.with_extension(ParquetRowSelection::new(selection));
        }
        Ok(partitioned)
    }

    fn memory_scan(&self, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = planned_schema(&self.table);
        let planned = |batch: &RecordBatch| -> Result<RecordBatch> {
            let columns = batch.columns().iter().zip(schema.fields());
            let columns = columns.map(|(column, field)| cast(column, field.data_type()));
            Ok(RecordBatch::try_new(schema.clone(), columns.collect::<std::result::Result<_, _>>()?)?)
        };
        let mut batches = self.table.batches.iter().map(planned).collect::<Result<Vec<_>>>()?;
        if self.addresses {
            let first = self.table.files.len();
            batches = batches
                .iter()
                .enumerate()
                .map(|(index, batch)| row_address::add_addresses(batch, first + index))
                .collect::<Result<_>>()?;
        }
        Ok(MemorySourceConfig::try_new_exec(&[batches], self.schema.clone(), projection.cloned())?)
    }
}

#[async_trait]
impl TableProvider for StoredTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // Filters reach the Parquet source by DataFusion's physical filter pushdown.
        let mut parts = Vec::new();
        if !self.table.files.is_empty() {
            parts.push(self.parquet_scan(state, projection)?);
        }
        if !self.table.batches.is_empty() {
            parts.push(self.memory_scan(projection)?);
        }
        match parts.len() {
            0 => {
                let schema = match projection {
                    Some(columns) => Arc::new(self.schema.project(columns)?),
                    None => self.schema.clone(),
                };
                Ok(Arc::new(EmptyExec::new(schema)))
            }
            1 => Ok(parts.remove(0)),
            _ => UnionExec::try_new(parts),
        }
    }
}

/// The table's columns as plans hold them.
fn planned_schema(table: &Table) -> SchemaRef {
    let stored = table.schema();
    let fields = stored.fields().iter().zip(&table.definition.columns);
    let planned = fields.map(|(field, column)| {
        let mut metadata = field.metadata().clone();
        if column.case_insensitive {
            mark_case_insensitive(&mut metadata);
        }
        field.as_ref().clone().with_data_type(column.data_type.planned_type()).with_metadata(metadata)
    });
    Arc::new(Schema::new_with_metadata(planned.collect::<Vec<_>>(), stored.metadata().clone()))
}

/// A selection of all rows but the deleted ones; `deleted` is sorted and without repetition.
fn all_but(deleted: &[u64], rows: u64) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0;
    for &row in deleted {
        if row > next {
            selectors.push(RowSelector::select((row - next) as usize));
        }
        selectors.push(RowSelector::skip(1));
        next = row + 1;
    }
    if rows > next {
        selectors.push(RowSelector::select((rows - next) as usize));
    }
    RowSelection::from(selectors)
}

#[cfg(test)]
mod tests {
    use super::all_but;

    #[test]
    fn a_selection_leaves_out_exactly_the_deleted_rows() {
        let selection = all_but(&[0, 3, 4, 9], 10);
        assert_eq!(selection.row_count(), 6);
        let kept: Vec<_> = selection.iter().filter(|s| !s.skip).map(|s| s.row_count).collect();
        assert_eq!(kept, [2, 4]);
    }
}
