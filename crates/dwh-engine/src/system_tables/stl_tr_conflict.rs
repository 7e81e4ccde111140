//! stl_tr_conflict: transactions that were rolled back because another changed a table first (the guide's page
//! STL_TR_CONFLICT).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use dwh_common::RedshiftType::{BigInt, Timestamp};
use dwh_common::{SqlError, SqlState};
use dwh_storage::StatementRecord;

use super::catalog::relation_oid;
use super::log_rows::ended;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_tr_conflict",
    columns: &[
        ("xact_id", BigInt),
        ("process_id", BigInt),
        ("xact_start_ts", Timestamp),
        ("abort_time", Timestamp),
        ("table_id", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let transactions = view.engine.warehouse().query_log().transactions()?;
    let begun: HashMap<i64, DateTime<Utc>> =
        transactions.into_iter().map(|ended| (ended.transaction_id, ended.started_at)).collect();
    let row = |failed: StatementRecord| {
        let table = table_of(failed.error_message.as_deref()?)?;
        Some(vec![
            failed.transaction_id.into(),
            failed.session_id.into(),
            begun.get(&failed.transaction_id).copied().unwrap_or(failed.started_at).into(),
            failed.ended_at.into(),
            relation_oid(table).into(),
        ])
    };
    let mut failed = ended(view)?;
    failed.retain(|statement| statement.error_code.as_deref() == Some(SqlState::SerializationFailure.code()));
    Ok(failed.into_iter().filter_map(row).collect())
}

/// The table's number in `1023: Serializable isolation violation on table - 7, …`.
fn table_of(message: &str) -> Option<i64> {
    let (_, behind) = message.split_once("violation on table - ")?;
    behind.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}
