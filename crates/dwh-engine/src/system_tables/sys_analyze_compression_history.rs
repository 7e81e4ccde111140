//! sys_analyze_compression_history: stl_analyze_compression under newer names (the guide's page
//! SYS_ANALYZE_COMPRESSION_HISTORY).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stl_analyze_compression};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_analyze_compression_history",
    columns: &[
        ("user_id", Integer),
        ("start_time", Timestamp),
        ("transaction_id", BigInt),
        ("table_id", Integer),
        ("table_name", Char(128)),
        ("column_position", Integer),
        ("old_encoding", Char(15)),
        ("new_encoding", Char(15)),
        ("mode", Char(14)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns =
        ["userid", "start_time", "xid", "tbl", "tablename", "col", "old_encoding", "new_encoding", "mode"];
    stl_analyze_compression::TABLE.picked(&columns, view)
}
