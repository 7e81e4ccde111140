//! svv_vacuum_progress: the table that was vacuumed last (the guide's page SVV_VACUUM_PROGRESS). How long one that runs
//! will take is not estimated.

use dwh_common::RedshiftType::{self, Varchar};
use dwh_common::SqlError;

use super::log_rows::vacuums;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_vacuum_progress",
    columns: &[("table_name", TEXT), ("status", TEXT), ("time_remaining_estimate", TEXT)],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let last = vacuums(view)?.pop();
    let row = last.map(|done| {
        let status = if done.is_skipped { "Skipped" } else { "Complete" };
        vec![done.table_name.into(), status.into(), "".into()]
    });
    Ok(row.into_iter().collect())
}
