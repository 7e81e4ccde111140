//! sys_session_history: sessions that are open or have ended (the guide's page SYS_SESSION_HISTORY).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::SessionRecord;

use super::log_rows::sessions;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_session_history",
    columns: &[
        ("user_id", Char(50)),
        ("session_id", Integer),
        ("database_name", Char(50)),
        ("status", Char(10)),
        ("session_timeout", Integer),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |session: SessionRecord| {
        vec![
            session.user_id.to_string().into(),
            session.session_id.into(),
            session.database.into(),
            if session.ended_at.is_some() { "closed" } else { "active" }.into(),
            session.timeout_s.into(),
            session.started_at.into(),
            session.ended_at.into(),
        ]
    };
    Ok(sessions(view)?.into_iter().map(row).collect())
}
