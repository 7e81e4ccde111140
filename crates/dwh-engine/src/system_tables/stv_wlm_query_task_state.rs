//! stv_wlm_query_task_state: the queries that run, a task each (the guide's page STV_WLM_QUERY_TASK_STATE).

use dwh_common::RedshiftType::{BigInt, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stv_wlm_query_state};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_wlm_query_task_state",
    columns: &[
        ("service_class", Integer),
        ("task", Integer),
        ("query", Integer),
        ("slot_count", Integer),
        ("start_time", Timestamp),
        ("exec_time", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = ["service_class", "task", "query", "slot_count", "wlm_start_time", "exec_time"];
    stv_wlm_query_state::TABLE.picked(&columns, view)
}
