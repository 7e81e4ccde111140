//! stl_commit_stats: the times of commits (the guide's page STL_COMMIT_STATS). There is one node, the leader; commits
//! do not queue, and blocks are not counted.

use dwh_common::RedshiftType::{BigInt, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::TransactionRecord;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_commit_stats",
    columns: &[
        ("xid", BigInt),
        ("node", Integer),
        ("startqueue", Timestamp),
        ("startwork", Timestamp),
        ("endflush", Timestamp),
        ("endstage", Timestamp),
        ("endlocal", Timestamp),
        ("startglobal", Timestamp),
        ("endtime", Timestamp),
        ("queuelen", BigInt),
        ("permblocks", BigInt),
        ("newblocks", BigInt),
        ("dirtyblocks", BigInt),
        ("headers", BigInt),
        ("numxids", Integer),
        ("oldestxid", BigInt),
        ("extwritelatency", BigInt),
        ("metadatawritten", Integer),
        ("tombstonedblocks", BigInt),
        ("tossedblocks", BigInt),
        ("batched_by", BigInt),
    ],
    rows,
};

/// Columns behind `queuelen`, of which nothing is known.
const UNKNOWN: usize = 11;

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |ended: TransactionRecord| {
        let started_at = ended.commit_started_at.filter(|_| ended.committed)?;
        let mut row: Vec<Value> = vec![
            ended.transaction_id.into(),
            (-1).into(),
            started_at.into(),
            started_at.into(),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            ended.ended_at.into(),
            0.into(),
        ];
        row.resize(row.len() + UNKNOWN, Value::Null);
        Some(row)
    };
    let ended = view.engine.warehouse().query_log().transactions()?;
    Ok(ended.into_iter().filter_map(row).collect())
}
