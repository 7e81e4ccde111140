//! stv_exec_state: the steps of the queries that run, and what they have done until now (the guide's page
//! STV_EXEC_STATE). The slices run a step together; slice 0 stands for them.

use std::sync::Arc;

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementClass, StatementRecord, StepRecord};

use super::log_rows::{is_diskbased, running, step_label};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::statement_log::Running;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_exec_state",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("segment", Integer),
        ("step", Integer),
        ("starttime", Timestamp),
        ("currenttime", Timestamp),
        ("tasknum", Integer),
        ("rows", BigInt),
        ("bytes", BigInt),
        ("label", Char(256)),
        ("is_diskbased", Char(1)),
        ("workmem", BigInt),
        ("num_parts", Integer),
        ("is_rrscan", Char(1)),
        ("is_delayed_scan", Char(1)),
        ("query_uuid", Char(36)),
    ],
    rows,
};

/// Steps of the queries that run, each with its query as it is now.
pub(super) fn running_steps(view: &SystemView<'_>) -> Vec<(StatementRecord, StepRecord)> {
    let of_query = |running: Arc<Running>| {
        let now = running.now();
        running.steps().into_iter().map(move |step| (now.clone(), step))
    };
    let all = running(view).into_iter().flat_map(of_query);
    all.filter(|(now, _)| now.class == StatementClass::Query).collect()
}

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(now, step): (StatementRecord, StepRecord)| {
        vec![
            now.user_id.into(),
            now.query_id.into(),
            0.into(),
            step.segment.into(),
            step.step.into(),
            now.started_at.into(),
            now.ended_at.into(),
            Value::Null,
            step.rows.into(),
            step.bytes.into(),
            step_label(&step).into(),
            is_diskbased(&step),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
        ]
    };
    Ok(running_steps(view).into_iter().map(row).collect())
}
