//! svl_mv_refresh_status: the refreshes that were asked for (the guide's page SVL_MV_REFRESH_STATUS).

use dwh_common::RedshiftType::{BigInt, Char, Timestamp, Varchar};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, sys_mv_refresh_history};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_mv_refresh_status",
    columns: &[
        ("db_name", Char(128)),
        ("userid", BigInt),
        ("schema_name", Char(128)),
        ("mv_name", Char(128)),
        ("xid", BigInt),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("status", Varchar(65535)),
        ("refresh_type", Char(32)),
        ("consumer_account", Char(12)),
        ("consumer_region", Char(32)),
        ("consumer_namespace", Char(36)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = [
        "database_name",
        "user_id",
        "schema_name",
        "mv_name",
        "transaction_id",
        "start_time",
        "end_time",
        "status",
        "refresh_type",
    ];
    let mut rows = sys_mv_refresh_history::TABLE.picked(&columns, view)?;
    // Nobody shares the views.
    rows.iter_mut().for_each(|row| row.resize(TABLE.columns.len(), Value::Null));
    Ok(rows)
}
