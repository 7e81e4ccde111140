//! stl_querytext: the texts of the queries, 200 bytes a row (the guide's page STL_QUERYTEXT).

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::{queries, sliced};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_querytext",
    columns: &[
        ("userid", Integer),
        ("xid", BigInt),
        ("pid", Integer),
        ("query", Integer),
        ("sequence", Integer),
        ("text", Char(200)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |query: &StatementRecord, sequence: i64, text: String| {
        vec![
            query.user_id.into(),
            query.transaction_id.into(),
            query.session_id.into(),
            query.query_id.into(),
            sequence.into(),
            text.into(),
        ]
    };
    Ok(sliced(&queries(view)?, row))
}
