//! stv_wlm_service_class_state: the queries of the one queue (the guide's page STV_WLM_SERVICE_CLASS_STATE): those
//! that run, and those that the log has.

use dwh_common::RedshiftType::Integer;
use dwh_common::SqlError;
use dwh_storage::StatementClass;

use super::log_rows::{DEFAULT_QUEUE, queries, running};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_wlm_service_class_state",
    columns: &[
        ("service_class", Integer),
        ("num_queued_queries", Integer),
        ("num_executing_queries", Integer),
        ("num_serviced_queries", Integer),
        ("num_executed_queries", Integer),
        ("num_evicted_queries", Integer),
        ("num_concurrency_scaling_queries", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let now = running(view).iter().filter(|running| running.now().class == StatementClass::Query).count();
    let executed = queries(view)?.len();
    Ok(vec![vec![
        DEFAULT_QUEUE.into(),
        0.into(),
        (now as i64).into(),
        ((executed + now) as i64).into(),
        (executed as i64).into(),
        0.into(),
        0.into(),
    ]])
}
