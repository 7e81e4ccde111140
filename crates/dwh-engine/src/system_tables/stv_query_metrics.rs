//! stv_query_metrics: sums over the queries that run (the guide's page STV_QUERY_METRICS): a row for each query.

use std::sync::Arc;

use dwh_common::RedshiftType::{BigInt, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementClass;

use super::log_rows::{DEFAULT_QUEUE, micros, running};
use super::rows::Value;
use super::stv_slices::slice_count;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::statement_log::Running;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_query_metrics",
    columns: &[
        ("userid", Integer),
        ("service_class", Integer),
        ("query", Integer),
        ("starttime", Timestamp),
        ("slices", Integer),
        ("segment", Integer),
        ("step_type", Integer),
        ("rows", BigInt),
        ("max_rows", BigInt),
        ("cpu_time", BigInt),
        ("max_cpu_time", BigInt),
        ("blocks_read", BigInt),
        ("max_blocks_read", BigInt),
        ("run_time", BigInt),
        ("max_run_time", BigInt),
        ("max_blocks_to_disk", BigInt),
        ("blocks_to_disk", BigInt),
        ("step", Integer),
        ("max_query_scan_size", BigInt),
        ("query_scan_size", BigInt),
        ("query_priority", Integer),
        ("query_queue_time", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |running: Arc<Running>| {
        let now = running.now();
        let cpu_us: i64 = running.steps().iter().filter_map(|step| step.elapsed_us).sum();
        let run_us = micros(now.started_at, now.ended_at);
        (now.class == StatementClass::Query).then(|| {
            vec![
                now.user_id.into(),
                DEFAULT_QUEUE.into(),
                now.query_id.into(),
                now.started_at.into(),
                (slice_count() as i64).into(),
                (-1).into(),
                (-1).into(),
                Value::Null,
                Value::Null,
                cpu_us.into(),
                cpu_us.into(),
                Value::Null,
                Value::Null,
                run_us.into(),
                run_us.into(),
                Value::Null,
                Value::Null,
                (-1).into(),
                Value::Null,
                Value::Null,
                (-1).into(),
                0.into(),
            ]
        })
    };
    Ok(running(view).into_iter().filter_map(row).collect())
}
