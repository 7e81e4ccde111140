//! sys_mv_state: stl_mv_state under newer names (the guide's page SYS_MV_STATE).

use dwh_common::RedshiftType::{BigInt, Char, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stl_mv_state};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_mv_state",
    columns: &[
        ("user_id", BigInt),
        ("transaction_id", BigInt),
        ("database_name", Char(128)),
        ("event_desc", Char(500)),
        ("start_time", Timestamp),
        ("base_table_database_name", Char(128)),
        ("base_table_schema", Char(128)),
        ("base_table_name", Char(128)),
        ("mv_schema", Char(128)),
        ("mv_name", Char(128)),
        ("state", Char(32)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = [
        "userid",
        "xid",
        "db_name",
        "event_desc",
        "starttime",
        "db_name",
        "base_table_schema",
        "base_table_name",
        "mv_schema",
        "mv_name",
        "state",
    ];
    stl_mv_state::TABLE.picked(&columns, view)
}
