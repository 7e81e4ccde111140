//! svl_qlog: the queries that have run, in short (the guide's page SVL_QLOG).

use dwh_common::RedshiftType::{self, BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementStatus;

use super::log_rows::{micros, queries};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_qlog",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("xid", BigInt),
        ("pid", Integer),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("elapsed", BigInt),
        ("aborted", Integer),
        ("label", Char(320)),
        ("substring", Char(60)),
        ("source_query", Integer),
        ("concurrency_scaling_status_txt", TEXT),
        ("from_sp_call", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: dwh_storage::StatementRecord| {
        vec![
            query.user_id.into(),
            query.query_id.into(),
            query.transaction_id.into(),
            query.session_id.into(),
            query.started_at.into(),
            query.ended_at.into(),
            micros(query.started_at, query.ended_at).into(),
            i64::from(query.status != StatementStatus::Success).into(),
            query.label.into(),
            query.text.into(),
            Value::Null,
            "0 - Ran on the main cluster".into(),
            query.from_call.into(),
        ]
    };
    Ok(queries(view)?.into_iter().map(row).collect())
}
