//! svv_query_state: the steps of the queries that run, with their speed (the guide's page SVV_QUERY_STATE).

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::{is_diskbased, rate, step_label};
use super::rows::Value;
use super::stv_exec_state::running_steps;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_query_state",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("seg", Integer),
        ("step", Integer),
        ("maxtime", BigInt),
        ("avgtime", BigInt),
        ("rows", BigInt),
        ("bytes", BigInt),
        ("cpu", BigInt),
        ("memory", BigInt),
        ("rate_row", Double),
        ("rate_byte", Double),
        ("label", Char(25)),
        ("is_diskbased", Char(1)),
        ("workmem", BigInt),
        ("num_parts", Integer),
        ("is_rrscan", Char(1)),
        ("is_delayed_scan", Char(1)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(now, step): (StatementRecord, StepRecord)| {
        vec![
            now.user_id.into(),
            now.query_id.into(),
            step.segment.into(),
            step.step.into(),
            step.elapsed_us.into(),
            step.elapsed_us.into(),
            step.rows.into(),
            step.bytes.into(),
            Value::Null,
            Value::Null,
            rate(step.rows, &now),
            rate(step.bytes, &now),
            step_label(&step).into(),
            is_diskbased(&step),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
        ]
    };
    Ok(running_steps(view).into_iter().map(row).collect())
}
