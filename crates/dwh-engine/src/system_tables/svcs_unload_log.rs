//! svcs_unload_log: stl_unload_log without its slices (the guide's page SVCS_UNLOAD_LOG).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::svcs::without;
use super::{PG_CATALOG, SystemTable, SystemView, stl_unload_log};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svcs_unload_log",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("pid", Integer),
        ("path", Char(1280)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("line_count", BigInt),
        ("transfer_size", BigInt),
        ("file_format", Char(10)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    without(view, &stl_unload_log::TABLE, "slice")
}
