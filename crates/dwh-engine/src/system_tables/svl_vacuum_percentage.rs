//! svl_vacuum_percentage: the blocks that VACUUM left of each table (the guide's page SVL_VACUUM_PERCENTAGE).

use dwh_common::RedshiftType::{BigInt, Integer};
use dwh_common::SqlError;
use dwh_storage::MaintenanceRecord;

use super::catalog::relation_oid;
use super::log_rows::vacuums;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_vacuum_percentage",
    columns: &[("xid", BigInt), ("table_id", Integer), ("percentage", BigInt)],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |done: MaintenanceRecord| {
        let percentage = (done.after.blocks * 100).checked_div(done.before.blocks).unwrap_or(100);
        vec![done.transaction_id.into(), relation_oid(done.table_id).into(), percentage.into()]
    };
    Ok(vacuums(view)?.into_iter().filter(|done| !done.is_skipped).map(row).collect())
}
