//! svv_query_inflight: the queries that run, 200 bytes a row (the guide's page SVV_QUERY_INFLIGHT).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementClass, StatementRecord};

use super::log_rows::{running, sliced};
use super::rows::Value;
use super::stv_inflight::LEADER_SLICE;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_query_inflight",
    columns: &[
        ("userid", Integer),
        ("slice", Integer),
        ("query", Integer),
        ("pid", Integer),
        ("starttime", Timestamp),
        ("suspended", Integer),
        ("text", Char(200)),
        ("sequence", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: &StatementRecord, sequence: i64, text: String| {
        vec![
            query.user_id.into(),
            LEADER_SLICE.into(),
            query.query_id.into(),
            query.session_id.into(),
            query.started_at.into(),
            0.into(),
            text.into(),
            sequence.into(),
        ]
    };
    let now = running(view).into_iter().map(|query| query.now());
    let queries: Vec<_> = now.filter(|query| query.class == StatementClass::Query).collect();
    Ok(sliced(&queries, row))
}
