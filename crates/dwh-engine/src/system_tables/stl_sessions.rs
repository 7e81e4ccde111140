//! stl_sessions: sessions that have ended (the guide's page STL_SESSIONS).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::SessionRecord;

use super::log_rows::sessions;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_sessions",
    columns: &[
        ("userid", Integer),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("process", Integer),
        ("user_name", Char(50)),
        ("db_name", Char(50)),
        ("timeout_sec", Integer),
        ("timed_out", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |session: SessionRecord| {
        vec![
            session.user_id.into(),
            session.started_at.into(),
            session.ended_at.into(),
            session.session_id.into(),
            session.user_name.into(),
            session.database.into(),
            session.timeout_s.into(),
            // Why the session ended is not kept.
            Value::Null,
        ]
    };
    let ended = sessions(view)?.into_iter().filter(|session| session.ended_at.is_some());
    Ok(ended.map(row).collect())
}
