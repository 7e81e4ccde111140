//! stv_wlm_service_class_config: the one queue (the guide's page STV_WLM_SERVICE_CLASS_CONFIG). -1 stands for automatic
//! workload management, which sets no slots and no memory.

use dwh_common::RedshiftType::{BigInt, Boolean, Char, Integer};
use dwh_common::SqlError;

use super::log_rows::{DEFAULT_QUEUE, DEFAULT_QUEUE_NAME};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_wlm_service_class_config",
    columns: &[
        ("service_class", Integer),
        ("queueing_strategy", Char(32)),
        ("num_query_tasks", Integer),
        ("target_num_query_tasks", Integer),
        ("evictable", Char(8)),
        ("eviction_threshold", BigInt),
        ("query_working_mem", Integer),
        ("target_query_working_mem", Integer),
        ("min_step_mem", Integer),
        ("name", Char(64)),
        ("max_execution_time", BigInt),
        ("user_group_wild_card", Boolean),
        ("query_group_wild_card", Boolean),
        ("concurrency_scaling", Char(20)),
        ("query_priority", Char(20)),
        ("user_role_wild_card", Boolean),
    ],
    rows,
};

fn rows(_view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![
        DEFAULT_QUEUE.into(),
        Value::Null,
        (-1).into(),
        (-1).into(),
        Value::Null,
        Value::Null,
        (-1).into(),
        (-1).into(),
        Value::Null,
        DEFAULT_QUEUE_NAME.into(),
        0.into(),
        false.into(),
        false.into(),
        "off".into(),
        "Normal".into(),
        false.into(),
    ]])
}
