//! stv_sessions: the sessions that are open (the guide's page STV_SESSIONS).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::activity::OpenSession;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_sessions",
    columns: &[
        ("starttime", Timestamp),
        ("process", Integer),
        ("user_name", Char(50)),
        ("db_name", Char(50)),
        ("timeout_sec", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |session: OpenSession| {
        let record = session.record;
        vec![
            record.started_at.into(),
            record.session_id.into(),
            record.user_name.into(),
            record.database.into(),
            record.timeout_s.into(),
        ]
    };
    let open = view.engine.activity().sessions();
    Ok(open.into_iter().filter(|session| view.sees(session.user_id)).map(row).collect())
}
