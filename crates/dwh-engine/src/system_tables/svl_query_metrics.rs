//! svl_query_metrics: sums over the queries that have ended, their segments and steps (the guide's page
//! SVL_QUERY_METRICS).

use dwh_common::RedshiftType::{BigInt, Decimal, Integer, Varchar};
use dwh_common::SqlError;

use super::log_rows::{DEFAULT_QUEUE, micros};
use super::query_metrics::{Metrics, metrics};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_query_metrics",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("service_class", Integer),
        ("dimension", Varchar(24)),
        ("segment", Integer),
        ("step", Integer),
        ("step_label", Varchar(30)),
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

const SECOND_US: i64 = 1_000_000;

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(metrics(view)?.iter().map(row).collect())
}

pub(super) fn row(of: &Metrics) -> Vec<Value> {
    let run_us = micros(of.query.started_at, of.query.ended_at);
    let of_query = of.segment.is_none();
    let of_segment = of.segment.is_some() && of.step.is_none();
    let cpu_percent = (run_us > 0).then(|| of.cpu_us as f64 * 100.0 / run_us as f64);
    vec![
        of.query.user_id.into(),
        of.query.query_id.into(),
        DEFAULT_QUEUE.into(),
        of.dimension().into(),
        of.segment.into(),
        of.step.as_ref().map(|step| step.step).into(),
        of.step.as_ref().map(|step| step.name.clone()).into(),
        of_query.then_some(of.cpu_us / SECOND_US).into(),
        Value::Null,
        of_query.then_some(run_us / SECOND_US).into(),
        cpu_percent.filter(|_| of_query).into(),
        Value::Null,
        of_segment.then_some(of.cpu_us / SECOND_US).into(),
        Value::Null,
        Value::Null,
        of.scanned_rows.into(),
        of.joined_rows.into(),
        of.nested_loop_rows.into(),
        of.returned_rows.into(),
        Value::Null,
        Value::Null,
        of_query.then_some(0).into(),
    ]
}
