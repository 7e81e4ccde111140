//! sys_query_detail: what the steps of each query did (the guide's page SYS_QUERY_DETAIL), at the level of steps.

use dwh_common::RedshiftType::{self, BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::steps;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_query_detail",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("child_query_sequence", Integer),
        ("stream_id", Integer),
        ("segment_id", Integer),
        ("step_id", Integer),
        ("step_name", TEXT),
        ("table_id", Integer),
        ("table_name", Char(136)),
        ("is_rrscan", Char(1)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("duration", BigInt),
        ("alert", TEXT),
        ("input_bytes", BigInt),
        ("input_rows", BigInt),
        ("output_bytes", BigInt),
        ("output_rows", BigInt),
        ("blocks_read", BigInt),
        ("blocks_write", BigInt),
        ("local_read_io", BigInt),
        ("remote_read_io", BigInt),
        ("source", TEXT),
        ("data_skewness", Integer),
        ("time_skewness", Integer),
        ("is_active", Char(1)),
        ("spilled_block_local_disk", BigInt),
        ("spilled_block_remote_disk", BigInt),
        ("step_attribute", Char(64)),
        ("metrics_level", Char(64)),
        ("plan_parent_id", Integer),
        ("plan_node_id", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(query, step): (StatementRecord, StepRecord)| {
        let source = step.table_id.map(|_| "Redshift(local)");
        vec![
            query.user_id.into(),
            query.query_id.into(),
            1.into(),
            0.into(),
            step.segment.into(),
            step.step.into(),
            step.name.into(),
            step.table_id.into(),
            step.table_name.into(),
            Value::Null,
            query.started_at.into(),
            query.ended_at.into(),
            step.elapsed_us.into(),
            Value::Null,
            Value::Null,
            Value::Null,
            step.bytes.into(),
            step.rows.into(),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            source.into(),
            Value::Null,
            Value::Null,
            "f".into(),
            Value::Null,
            Value::Null,
            Value::Null,
            "step".into(),
            Value::Null,
            Value::Null,
        ]
    };
    Ok(steps(view)?.into_iter().map(row).collect())
}
