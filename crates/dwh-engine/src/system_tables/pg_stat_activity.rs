//! pg_stat_activity: the open sessions and what they run, as PostgreSQL's view of that name shows them.

use dwh_common::RedshiftType::{self, BigInt, Integer, TimestampTz};
use dwh_common::SqlError;
use dwh_storage::StatementRecord;

use super::catalog::DATABASE_OID;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::activity::OpenSession;

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_stat_activity",
    columns: &[
        ("datid", BigInt),
        ("datname", NAME),
        ("procpid", Integer),
        ("usesysid", Integer),
        ("usename", NAME),
        ("current_query", RedshiftType::Varchar(65535)),
        ("query_start", TimestampTz),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let activity = view.engine.activity();
    let running: Vec<StatementRecord> = activity.running().iter().map(|running| running.now()).collect();
    let row = |session: OpenSession| {
        let record = session.record;
        let now = running.iter().find(|statement| statement.session_id == record.session_id);
        let query = match now {
            _ if !view.sees(session.user_id) => "<insufficient privilege>",
            Some(now) => now.text.as_str(),
            None => "<IDLE>",
        };
        vec![
            DATABASE_OID.into(),
            record.database.into(),
            record.session_id.into(),
            session.user_id.into(),
            record.user_name.into(),
            query.into(),
            now.filter(|_| view.sees(session.user_id)).map(|now| now.started_at).into(),
        ]
    };
    Ok(activity.sessions().into_iter().map(row).collect())
}
