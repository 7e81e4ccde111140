use std::sync::Arc;

use arrow::array::MAX_INLINE_VIEW_LEN;
use arrow::datatypes::Field;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::listing::{FileRange, PartitionedFile};
use datafusion::datasource::physical_plan::{FileScanConfig, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use dwh_common::RedshiftType;

use super::ColumnCache;
use super::source::CachedSource;
use crate::scan::TableOfFile;

/// Bytes that a text is taken to have, its view included, if it may not fit the view.
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
        let width: usize = schema.fields().iter().map(|field| width(field)).sum();
        let mut rows = 0.0;
        for file in config.file_groups.iter().flat_map(|group| group.files()) {
            let Some(table) = file.extension::<TableOfFile>() else { return false };
            rows += table.file.rows as f64 * part_read(file);
        }
        rows * width as f64 <= self.0.capacity_bytes as f64 / 2.0
    }
}

/// Bytes of a decoded value.
fn width(field: &Field) -> usize {
    let is_short = match RedshiftType::of_field(field) {
        Some(RedshiftType::Char(bytes) | RedshiftType::Varchar(bytes)) => bytes <= MAX_INLINE_VIEW_LEN,
        _ => false,
    };
    let of_text = if is_short { size_of::<u128>() } else { TEXT_BYTES };
    field.data_type().primitive_width().unwrap_or(of_text)
}

/// The part of a file that is read here: threads share large ones.
fn part_read(file: &PartitionedFile) -> f64 {
    let of = |range: &FileRange| (range.end - range.start) as f64 / file.object_meta.size.max(1) as f64;
    file.range.as_ref().map_or(1.0, of)
}

#[cfg(test)]
mod tests {
    use datafusion::datasource::listing::PartitionedFile;
    use dwh_common::RedshiftType;

    use super::{part_read, width};

    #[test]
    fn threads_that_share_a_file_count_it_once() {
        let file = || PartitionedFile::new("a.parquet", 1000);
        assert_eq!(part_read(&file()), 1.0);
        assert_eq!(part_read(&file().with_range(0, 250)) + part_read(&file().with_range(250, 1000)), 1.0);
    }

    #[test]
    fn short_texts_are_as_wide_as_their_view() {
        let of = |kind: RedshiftType| width(&kind.field("c", true));
        let short = [of(RedshiftType::Char(1)), of(RedshiftType::Varchar(12)), of(RedshiftType::Integer)];
        assert_eq!(short, [16, 16, 4]);
        assert_eq!([of(RedshiftType::Varchar(13)), of(RedshiftType::Super)], [32, 32]);
    }
}
