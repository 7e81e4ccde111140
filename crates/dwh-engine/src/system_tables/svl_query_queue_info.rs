//! svl_query_queue_info: the times of queries in their queue (the guide's page SVL_QUERY_QUEUE_INFO). Nobody waits.

use dwh_common::RedshiftType::{self, BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::{DEFAULT_QUEUE, DEFAULT_QUEUE_NAME, queries};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
/// Characters of a query's text.
const SHOWN: usize = 100;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_query_queue_info",
    columns: &[
        ("database", TEXT),
        ("query", Integer),
        ("xid", BigInt),
        ("userid", Integer),
        ("querytxt", TEXT),
        ("queue_start_time", Timestamp),
        ("exec_start_time", Timestamp),
        ("service_class", Integer),
        ("slots", Integer),
        ("queue_elapsed", BigInt),
        ("exec_elapsed", BigInt),
        ("wlm_total_elapsed", BigInt),
        ("commit_queue_elapsed", BigInt),
        ("commit_exec_time", BigInt),
        ("service_class_name", Char(64)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: StatementRecord| {
        let seconds = (query.ended_at - query.started_at).num_seconds();
        vec![
            query.database.into(),
            query.query_id.into(),
            query.transaction_id.into(),
            query.user_id.into(),
            query.text.chars().take(SHOWN).collect::<String>().into(),
            query.started_at.into(),
            query.started_at.into(),
            DEFAULT_QUEUE.into(),
            1.into(),
            0.into(),
            seconds.into(),
            seconds.into(),
            0.into(),
            Value::Null,
            DEFAULT_QUEUE_NAME.into(),
        ]
    };
    Ok(queries(view)?.into_iter().map(row).collect())
}
