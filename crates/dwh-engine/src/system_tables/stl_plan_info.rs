//! stl_plan_info: the nodes of plans with their estimates (the guide's page STL_PLAN_INFO). Which steps a node became is
//! not known, nor the numbers of the kinds of nodes.

use std::collections::HashMap;

use dwh_common::RedshiftType::{BigInt, Double, Integer};
use dwh_common::SqlError;
use dwh_storage::PlanNodeRecord;

use super::log_rows::ended;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_plan_info",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("nodeid", Integer),
        ("segment", Integer),
        ("step", Integer),
        ("locus", Integer),
        ("plannode", Integer),
        ("startupcost", Double),
        ("totalcost", Double),
        ("rows", BigInt),
        ("bytes", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let users: HashMap<i64, i64> =
        ended(view)?.into_iter().map(|query| (query.query_id, query.user_id)).collect();
    let row = |node: PlanNodeRecord| {
        let user_id = *users.get(&node.query_id)?;
        let estimate = Estimate::of(&node.text)?;
        Some(vec![
            user_id.into(),
            node.query_id.into(),
            node.node_id.into(),
            Value::Null,
            Value::Null,
            0.into(),
            Value::Null,
            estimate.startup_cost.into(),
            estimate.total_cost.into(),
            estimate.rows.into(),
            (estimate.rows * estimate.width).into(),
        ])
    };
    Ok(view.engine.warehouse().query_log().plan_nodes()?.into_iter().filter_map(row).collect())
}

/// What a line of EXPLAIN estimates: `(cost=0.00..0.11 rows=11 width=49)`.
#[derive(Debug, PartialEq)]
struct Estimate {
    startup_cost: f64,
    total_cost: f64,
    rows: i64,
    /// Bytes of a row.
    width: i64,
}

impl Estimate {
    fn of(line: &str) -> Option<Self> {
        let (_, inside) = line.rsplit_once("(cost=")?;
        let (costs, rest) = inside.split_once(" rows=")?;
        let (rows, width) = rest.split_once(" width=")?;
        let (startup, total) = costs.split_once("..")?;
        Some(Self {
            startup_cost: startup.parse().ok()?,
            total_cost: total.parse().ok()?,
            rows: rows.parse().ok()?,
            width: width.trim_end_matches(')').parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Estimate;

    /// The line of the guide's page.
    #[test]
    fn a_line_of_explain_is_read() {
        let estimate = Estimate::of("XN Seq Scan on category (cost=0.00..0.11 rows=11 width=49)");
        let expected = Estimate { startup_cost: 0.0, total_cost: 0.11, rows: 11, width: 49 };
        assert_eq!(estimate, Some(expected));
        assert_eq!(Estimate::of("Send to leader"), None);
    }
}
