//! stl_query_metrics: sums over the queries that have ended, their segments and steps (the guide's page
//! STL_QUERY_METRICS). Redshift takes samples once a second; here every query is counted to its end.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::log_rows::{DEFAULT_QUEUE, DEFAULT_QUEUE_NAME, micros};
use super::query_metrics::{Metrics, metrics, step_type};
use super::rows::Value;
use super::stv_slices::slice_count;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_query_metrics",
    columns: &[
        ("userid", Integer),
        ("service_class", Integer),
        ("query", Integer),
        ("segment", Integer),
        ("step_type", Integer),
        ("starttime", Timestamp),
        ("slices", Integer),
        ("max_rows", BigInt),
        ("rows", BigInt),
        ("max_cpu_time", BigInt),
        ("cpu_time", BigInt),
        ("max_blocks_read", Integer),
        ("blocks_read", BigInt),
        ("max_run_time", BigInt),
        ("run_time", BigInt),
        ("max_blocks_to_disk", BigInt),
        ("blocks_to_disk", BigInt),
        ("step", Integer),
        ("max_query_scan_size", BigInt),
        ("query_scan_size", BigInt),
        ("query_priority", Integer),
        ("query_queue_time", BigInt),
        ("service_class_name", Char(64)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |of: Metrics| {
        let rows = of.step.as_ref().and_then(|step| step.rows);
        let run_us = micros(of.query.started_at, of.query.ended_at);
        // -1 stands for what is summed over.
        let step_type = of.step.as_ref().map_or(Some(-1), |step| step_type(&step.name));
        vec![
            of.query.user_id.into(),
            DEFAULT_QUEUE.into(),
            of.query.query_id.into(),
            of.segment.unwrap_or(-1).into(),
            step_type.into(),
            of.query.started_at.into(),
            (slice_count() as i64).into(),
            rows.into(),
            rows.into(),
            of.cpu_us.into(),
            of.cpu_us.into(),
            Value::Null,
            Value::Null,
            run_us.into(),
            run_us.into(),
            Value::Null,
            Value::Null,
            of.step.map_or(-1, |step| step.step).into(),
            Value::Null,
            Value::Null,
            (-1).into(),
            0.into(),
            DEFAULT_QUEUE_NAME.into(),
        ]
    };
    Ok(metrics(view)?.into_iter().map(row).collect())
}
