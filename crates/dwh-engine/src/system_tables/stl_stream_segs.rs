//! stl_stream_segs: the segments of each query (the guide's page STL_STREAM_SEGS); a query is one stream.

use dwh_common::RedshiftType::{Char, Integer};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::steps;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_stream_segs",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("stream", Integer),
        ("segment", Integer),
        ("query_uuid", Char(36)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(query, step): (StatementRecord, StepRecord)| {
        vec![query.user_id.into(), query.query_id.into(), 0.into(), step.segment.into(), Value::Null]
    };
    let mut rows: Vec<Vec<Value>> = steps(view)?.into_iter().map(row).collect();
    rows.dedup();
    Ok(rows)
}
