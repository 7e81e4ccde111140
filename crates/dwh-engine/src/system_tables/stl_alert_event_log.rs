//! stl_alert_event_log: nested loops, which usually are joins without a condition (the guide's page
//! STL_ALERT_EVENT_LOG). Its other alerts have no cause here: statistics are never missing, deleted rows are not
//! read, nothing goes over a network.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::steps;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_alert_event_log",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("segment", Integer),
        ("step", Integer),
        ("pid", Integer),
        ("xid", BigInt),
        ("event", Char(1024)),
        ("solution", Char(1024)),
        ("event_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(query, step): (StatementRecord, StepRecord)| {
        vec![
            query.user_id.into(),
            query.query_id.into(),
            0.into(),
            step.segment.into(),
            step.step.into(),
            query.session_id.into(),
            query.transaction_id.into(),
            "Nested Loop Join in the query plan".into(),
            "Review the join predicates to avoid Cartesian products".into(),
            query.started_at.into(),
        ]
    };
    Ok(steps(view)?.into_iter().filter(|(_, step)| step.name == "nestloop").map(row).collect())
}
