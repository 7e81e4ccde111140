//! SVCS views: what the tables and views behind them have, of the main cluster and of clusters that scale it. There is
//! one cluster, so the rows are the same; what the guide's pages leave out is the slice.

use dwh_common::SqlError;

use super::rows::Value;
use super::{SystemTable, SystemView, stl_explain, stl_plan_info, svl_query_summary};

pub(super) const EXPLAIN: SystemTable = SystemTable { name: "svcs_explain", ..stl_explain::TABLE };
pub(super) const PLAN_INFO: SystemTable = SystemTable { name: "svcs_plan_info", ..stl_plan_info::TABLE };
pub(super) const QUERY_SUMMARY: SystemTable =
    SystemTable { name: "svcs_query_summary", ..svl_query_summary::TABLE };

/// The rows of a table without one of its columns.
pub(super) fn without(
    view: &SystemView<'_>,
    table: &SystemTable,
    column: &str,
) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = (table.rows)(view)?;
    if let Some(place) = table.columns.iter().position(|(name, _)| *name == column) {
        rows.iter_mut().for_each(|row| drop(row.remove(place)));
    }
    Ok(rows)
}
