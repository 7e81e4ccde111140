//! svl_query_summary: what the steps of each query did (the guide's page SVL_QUERY_SUMMARY). There is one stream.

use dwh_common::RedshiftType::{self, BigInt, Char, Double, Integer};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::{is_diskbased, rate, step_label, steps};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_query_summary",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("stm", Integer),
        ("seg", Integer),
        ("step", Integer),
        ("maxtime", BigInt),
        ("avgtime", BigInt),
        ("rows", BigInt),
        ("bytes", BigInt),
        ("rate_row", Double),
        ("rate_byte", Double),
        ("label", TEXT),
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
            step.elapsed_us.into(),
            step.elapsed_us.into(),
            step.rows.into(),
            step.bytes.into(),
            rate(step.rows, &query),
            rate(step.bytes, &query),
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
