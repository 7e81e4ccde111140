//! stl_undone: transactions that were rolled back (the guide's page STL_UNDONE). Which tables they had changed is not
//! known.

use dwh_common::RedshiftType::{BigInt, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::TransactionRecord;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_undone",
    columns: &[
        ("userid", Integer),
        ("xact_id", BigInt),
        ("xact_id_undone", BigInt),
        ("undo_start_ts", Timestamp),
        ("undo_end_ts", Timestamp),
        ("table_id", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |undone: TransactionRecord| {
        vec![
            undone.user_id.into(),
            undone.transaction_id.into(),
            undone.transaction_id.into(),
            undone.ended_at.into(),
            undone.ended_at.into(),
            Value::Null,
        ]
    };
    let ended = view.engine.warehouse().query_log().transactions()?;
    let undone = ended.into_iter().filter(|ended| !ended.committed && view.sees(ended.user_id));
    Ok(undone.map(row).collect())
}
