//! svv_mv_info: the materialized views (the guide's page SVV_MV_INFO).

use dwh_common::RedshiftType::{Char, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stv_mv_info};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_mv_info",
    columns: &[
        ("database_name", Char(128)),
        ("schema_name", Char(128)),
        ("user_name", Char(128)),
        ("name", Char(128)),
        ("is_stale", Char(1)),
        ("state", Integer),
        ("autorewrite", Char(1)),
        ("autorefresh", Char(1)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns =
        ["db_name", "schema", "owner_user_name", "name", "is_stale", "state", "autorewrite", "autorefresh"];
    stv_mv_info::TABLE.picked(&columns, view)
}
