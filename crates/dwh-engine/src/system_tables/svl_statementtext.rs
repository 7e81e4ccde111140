//! svl_statementtext: the texts of all statements, 200 bytes a row (the guide's page SVL_STATEMENTTEXT).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp, Varchar};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::{ended, labelled_slice, sliced};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_statementtext",
    columns: &[
        ("userid", Integer),
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
    let row = |statement: &StatementRecord, sequence: i64, text: String| {
        let mut row = labelled_slice(statement, sequence, text);
        row.insert(7, statement.class.as_str().into());
        row
    };
    let mut shown = ended(view)?;
    shown.retain(|statement| !statement.on_leader);
    Ok(sliced(&shown, row))
}
