//! stl_wlm_query: when each query ran in its queue (the guide's page STL_WLM_QUERY). There is one queue, and nobody waits.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::log_rows::{DEFAULT_QUEUE, DEFAULT_QUEUE_NAME, micros, queries};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_wlm_query",
    columns: &[
        ("userid", Integer),
        ("xid", Integer),
        ("task", Integer),
        ("query", Integer),
        ("service_class", Integer),
        ("slot_count", Integer),
        ("service_class_start_time", Timestamp),
        ("queue_start_time", Timestamp),
        ("queue_end_time", Timestamp),
        ("total_queue_time", BigInt),
        ("exec_start_time", Timestamp),
        ("exec_end_time", Timestamp),
        ("total_exec_time", BigInt),
        ("service_class_end_time", Timestamp),
        ("final_state", Char(16)),
        ("est_peak_mem", BigInt),
        ("query_priority", Char(20)),
        ("service_class_name", Char(64)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: dwh_storage::StatementRecord| {
        vec![
            query.user_id.into(),
            query.transaction_id.into(),
            query.query_id.into(),
            query.query_id.into(),
            DEFAULT_QUEUE.into(),
            1.into(),
            query.started_at.into(),
            query.started_at.into(),
            query.started_at.into(),
            0.into(),
            query.started_at.into(),
            query.ended_at.into(),
            micros(query.started_at, query.ended_at).into(),
            query.ended_at.into(),
            "Completed".into(),
            Value::Null,
            "Normal".into(),
            DEFAULT_QUEUE_NAME.into(),
        ]
    };
    Ok(queries(view)?.into_iter().map(row).collect())
}
