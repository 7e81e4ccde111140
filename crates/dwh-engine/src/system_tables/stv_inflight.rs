//! stv_inflight: the queries that run (the guide's page STV_INFLIGHT).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementClass, StatementRecord};

use super::log_rows::running;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

/// The slice that stands for the leader node.
pub(super) const LEADER_SLICE: i64 = 12811;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_inflight",
    columns: &[
        ("userid", Integer),
        ("slice", Integer),
        ("query", Integer),
        ("label", Char(320)),
        ("xid", BigInt),
        ("pid", Integer),
        ("starttime", Timestamp),
        ("text", Char(100)),
        ("suspended", Integer),
        ("insert_pristine", Integer),
        ("concurrency_scaling_status", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: StatementRecord| {
        vec![
            query.user_id.into(),
            LEADER_SLICE.into(),
            query.query_id.into(),
            query.label.into(),
            query.transaction_id.into(),
            query.session_id.into(),
            query.started_at.into(),
            query.text.into(),
            0.into(),
            0.into(),
            0.into(),
        ]
    };
    let now = running(view).into_iter().map(|query| query.now());
    Ok(now.filter(|query| query.class == StatementClass::Query).map(row).collect())
}
