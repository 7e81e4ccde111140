//! sys_query_history: the statements that run and have run (the guide's page SYS_QUERY_HISTORY).

use dwh_common::RedshiftType::{BigInt, Boolean, Char, Integer, Timestamp, Varchar};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::{DEFAULT_QUEUE, ended, micros, running};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::session_functions::VERSION;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_query_history",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("query_label", Char(320)),
        ("transaction_id", BigInt),
        ("session_id", Integer),
        ("database_name", Char(128)),
        ("query_type", Char(32)),
        ("status", Char(10)),
        ("result_cache_hit", Boolean),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("elapsed_time", BigInt),
        ("queue_time", BigInt),
        ("execution_time", BigInt),
        ("error_message", Char(512)),
        ("returned_rows", BigInt),
        ("returned_bytes", BigInt),
        ("query_text", Char(4000)),
        ("redshift_version", Char(256)),
        ("usage_limit", Char(150)),
        ("compute_type", Varchar(32)),
        ("compile_time", BigInt),
        ("planning_time", BigInt),
        ("lock_wait_time", BigInt),
        ("service_class_id", Integer),
        ("service_class_name", Char(64)),
        ("query_priority", Char(20)),
        ("short_query_accelerated", Char(10)),
        ("user_query_hash", Char(40)),
        ("generic_query_hash", Char(40)),
        ("query_hash_version", Integer),
        ("result_cache_query_id", Integer),
        ("username", Char(128)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let ended = ended(view)?.into_iter().map(|statement| {
        let status = statement.status.as_str();
        row(statement, status)
    });
    let running = running(view).into_iter().map(|now| {
        let status = if now.is_returning() { "returning" } else { "running" };
        row(now.now(), status)
    });
    Ok(ended.chain(running).collect())
}

fn row(statement: StatementRecord, status: &str) -> Vec<Value> {
    let elapsed = micros(statement.started_at, statement.ended_at);
    vec![
        statement.user_id.into(),
        statement.query_id.into(),
        statement.label.into(),
        statement.transaction_id.into(),
        statement.session_id.into(),
        statement.database.into(),
        statement.kind.into(),
        status.into(),
        false.into(),
        statement.started_at.into(),
        statement.ended_at.into(),
        elapsed.into(),
        0.into(),
        (elapsed - statement.planning_us - statement.lock_wait_us).max(0).into(),
        statement.error_message.into(),
        statement.rows.into(),
        statement.bytes.into(),
        statement.text.into(),
        VERSION.rsplit(' ').next().into(),
        Value::Null,
        "primary".into(),
        0.into(),
        statement.planning_us.into(),
        statement.lock_wait_us.into(),
        DEFAULT_QUEUE.into(),
        "Default queue".into(),
        "normal".into(),
        "false".into(),
        Value::Null,
        Value::Null,
        Value::Null,
        0.into(),
        statement.user_name.into(),
    ]
}
