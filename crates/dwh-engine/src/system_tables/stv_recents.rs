//! stv_recents: the statements that run and ran lately (the guide's page STV_RECENTS).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::log_rows::{ended, micros, running};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_recents",
    columns: &[
        ("userid", Integer),
        ("status", Char(20)),
        ("starttime", Timestamp),
        ("duration", Integer),
        ("user_name", Char(50)),
        ("db_name", Char(50)),
        ("query", Char(600)),
        ("pid", Integer),
    ],
    rows,
};

/// How many that have ended are shown.
const SHOWN: usize = 100;

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |statement: StatementRecord, status: &str| {
        vec![
            statement.user_id.into(),
            status.into(),
            statement.started_at.into(),
            micros(statement.started_at, statement.ended_at).into(),
            statement.user_name.into(),
            statement.database.into(),
            statement.text.into(),
            // A query that is done has no process any more.
            if status == "Done" { -1 } else { statement.session_id }.into(),
        ]
    };
    let ended = ended(view)?;
    let lately = ended.len().saturating_sub(SHOWN);
    let done = ended.into_iter().skip(lately).map(|statement| row(statement, "Done"));
    Ok(done.chain(running(view).into_iter().map(|now| row(now.now(), "Running"))).collect())
}
