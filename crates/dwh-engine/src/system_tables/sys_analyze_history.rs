//! sys_analyze_history: as stl_analyze (the guide's page SYS_ANALYZE_HISTORY).

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stl_analyze};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_analyze_history",
    columns: &[
        ("user_id", Integer),
        ("transaction_id", BigInt),
        ("database_name", Char(30)),
        ("schema_name", Char(128)),
        ("table_name", Char(136)),
        ("table_id", Integer),
        ("is_automatic", Char(1)),
        ("status", Char(15)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("rows", Double),
        ("modified_rows", Double),
        ("analyze_threshold_percent", Integer),
        ("last_analyze_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = [
        "userid",
        "xid",
        "database",
        "schema_name",
        "table_name",
        "table_id",
        "is_auto",
        "status",
        "starttime",
        "endtime",
        "rows",
        "modified_rows",
        "threshold_percent",
        "prevtime",
    ];
    stl_analyze::TABLE.picked(&columns, view)
}
