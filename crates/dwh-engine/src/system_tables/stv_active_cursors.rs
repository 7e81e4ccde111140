//! stv_active_cursors: the open cursors (the guide's page STV_ACTIVE_CURSORS). Their rows are made while they are
//! fetched, so they are not counted.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::activity::OpenSession;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_active_cursors",
    columns: &[
        ("userid", Integer),
        ("name", Char(256)),
        ("xid", BigInt),
        ("pid", Integer),
        ("starttime", Timestamp),
        ("row_count", BigInt),
        ("byte_count", BigInt),
        ("fetched_rows", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |session: OpenSession| {
        let cursor = session.cursor.filter(|_| view.sees(session.user_id))?;
        Some(vec![
            session.user_id.into(),
            cursor.name.into(),
            session.transaction.map(|now| now.id).into(),
            session.record.session_id.into(),
            cursor.declared_at.into(),
            Value::Null,
            Value::Null,
            Value::Null,
        ])
    };
    Ok(view.engine.activity().sessions().into_iter().filter_map(row).collect())
}
