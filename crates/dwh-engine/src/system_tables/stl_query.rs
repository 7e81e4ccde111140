//! stl_query: the queries that have run and read or changed tables (the guide's page STL_QUERY).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementStatus;

use super::log_rows::queries;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_query",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("label", Char(320)),
        ("xid", BigInt),
        ("pid", Integer),
        ("database", Char(32)),
        ("querytxt", Char(4000)),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("aborted", Integer),
        ("insert_pristine", Integer),
        ("concurrency_scaling_status", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: dwh_storage::StatementRecord| {
        vec![
            query.user_id.into(),
            query.query_id.into(),
            query.label.into(),
            query.transaction_id.into(),
            query.session_id.into(),
            query.database.into(),
            query.text.into(),
            query.started_at.into(),
            query.ended_at.into(),
            i64::from(query.status != StatementStatus::Success).into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(queries(view)?.into_iter().map(row).collect())
}
