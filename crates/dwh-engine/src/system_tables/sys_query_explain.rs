//! sys_query_explain: the plans of the queries that have run, a node a row (the guide's page SYS_QUERY_EXPLAIN).

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_query_explain",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("child_query_sequence", Integer),
        ("plan_node_id", Integer),
        ("plan_parent_id", Integer),
        ("plan_node", Char(400)),
        ("plan_info", Char(400)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    // What stl_explain has, and one child query.
    let with_child = |mut row: Vec<Value>| {
        row.insert(2, 1.into());
        row
    };
    Ok((super::stl_explain::TABLE.rows)(view)?.into_iter().map(with_child).collect())
}
