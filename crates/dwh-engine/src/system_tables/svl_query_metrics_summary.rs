//! svl_query_metrics_summary: sums over the queries that have ended (the guide's page SVL_QUERY_METRICS_SUMMARY).

use dwh_common::RedshiftType::{BigInt, Decimal, Integer};
use dwh_common::SqlError;

use super::query_metrics::metrics;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, svl_query_metrics};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_query_metrics_summary",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("service_class", Integer),
        ("query_cpu_time", BigInt),
        ("query_blocks_read", BigInt),
        ("query_execution_time", BigInt),
        ("query_cpu_usage_percent", Decimal { precision: 38, scale: 2 }),
        ("query_temp_blocks_to_disk", BigInt),
        ("segment_execution_time", BigInt),
        ("cpu_skew", Decimal { precision: 38, scale: 2 }),
        ("io_skew", Decimal { precision: 38, scale: 2 }),
        ("scan_row_count", BigInt),
        ("join_row_count", BigInt),
        ("nested_loop_join_row_count", BigInt),
        ("return_row_count", BigInt),
        ("spectrum_scan_row_count", BigInt),
        ("spectrum_scan_size_mb", BigInt),
        ("query_queue_time", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns: Vec<&str> = TABLE.columns.iter().map(|(name, _)| *name).collect();
    let of_queries = metrics(view)?.into_iter().filter(|of| of.segment.is_none());
    let row = |of| svl_query_metrics::TABLE.pick(&columns, &svl_query_metrics::row(&of));
    Ok(of_queries.map(row).collect())
}
