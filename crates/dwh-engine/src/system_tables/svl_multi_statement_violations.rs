//! svl_multi_statement_violations: commands that failed because they cannot run inside a transaction block (the
//! guide's page SVL_MULTI_STATEMENT_VIOLATIONS).

use std::collections::HashMap;

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp, Varchar};
use dwh_common::{SqlError, SqlState};
use dwh_storage::StatementRecord;

use super::log_rows::{ended, labelled_slice, sliced};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_multi_statement_violations",
    columns: &[
        ("userid", Integer),
        ("database", Char(32)),
        ("cmdname", Char(20)),
        ("xid", BigInt),
        ("pid", Integer),
        ("label", Char(320)),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("sequence", Integer),
        ("type", Varchar(10)),
        ("text", Char(200)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut failed = ended(view)?;
    failed.retain(|statement| statement.error_code.as_deref() == Some(SqlState::ActiveSqlTransaction.code()));
    let commands: HashMap<i64, String> =
        failed.iter().filter_map(|statement| Some((statement.query_id, command(statement)?))).collect();
    let row = |statement: &StatementRecord, sequence: i64, text: String| {
        let mut row = labelled_slice(statement, sequence, text);
        row.insert(7, statement.class.as_str().into());
        row.insert(1, commands.get(&statement.query_id).cloned().into());
        row.insert(1, statement.database.clone().into());
        row
    };
    Ok(sliced(&failed, row))
}

/// `VACUUM` of `VACUUM cannot run inside a transaction block`.
fn command(statement: &StatementRecord) -> Option<String> {
    let (command, _) = statement.error_message.as_deref()?.split_once(" cannot run")?;
    Some(command.to_owned())
}
