//! pg_database: the databases; an embedded warehouse has one.

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, USER_ID};

const NAME: RedshiftType = RedshiftType::Varchar(127);
const UTF8: i32 = 6;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_database",
    columns: &[
        ("datname", NAME),
        ("datdba", Integer),
        ("encoding", Integer),
        ("datistemplate", Boolean),
        ("datallowconn", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![view.database.into(), USER_ID.into(), UTF8.into(), false.into(), true.into()]])
}
