//! stv_wlm_query_state: the queries that run (the guide's page STV_WLM_QUERY_STATE). There is one queue, and nobody
//! waits.

use std::sync::Arc;

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementClass;

use super::log_rows::{DEFAULT_QUEUE, micros, running};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::statement_log::Running;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_wlm_query_state",
    columns: &[
        ("xid", Integer),
        ("task", Integer),
        ("query", Integer),
        ("service_class", Integer),
        ("slot_count", Integer),
        ("wlm_start_time", Timestamp),
        ("state", Char(16)),
        ("queue_time", BigInt),
        ("exec_time", BigInt),
        ("query_priority", Char(20)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |running: Arc<Running>| {
        let now = running.now();
        (now.class == StatementClass::Query).then(|| {
            vec![
                now.transaction_id.into(),
                now.query_id.into(),
                now.query_id.into(),
                DEFAULT_QUEUE.into(),
                1.into(),
                now.started_at.into(),
                if running.is_returning() { "Returning" } else { "Running" }.into(),
                0.into(),
                micros(now.started_at, now.ended_at).into(),
                "Normal".into(),
            ]
        })
    };
    Ok(running(view).into_iter().filter_map(row).collect())
}
