//! svl_query_report: what the steps of each query did on each slice (the guide's page SVL_QUERY_REPORT). The slices
//! run a step together; slice 0 stands for them.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::{is_diskbased, micros, step_label, steps};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_query_report",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("segment", Integer),
        ("step", Integer),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("elapsed_time", BigInt),
        ("rows", BigInt),
        ("bytes", BigInt),
        ("label", Char(256)),
        ("is_diskbased", Char(1)),
        ("workmem", BigInt),
        ("is_rrscan", Char(1)),
        ("is_delayed_scan", Char(1)),
        ("rows_pre_filter", BigInt),
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
            query.started_at.into(),
            query.ended_at.into(),
            micros(query.started_at, query.ended_at).into(),
            step.rows.into(),
            step.bytes.into(),
            step_label(&step).into(),
            is_diskbased(&step),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
        ]
    };
    Ok(steps(view)?.into_iter().map(row).collect())
}
