//! stl_explain: the plans of the queries that have run, a node a row (the guide's page STL_EXPLAIN).

use std::collections::HashMap;

use dwh_common::RedshiftType::{Char, Integer};
use dwh_common::SqlError;
use dwh_storage::PlanNodeRecord;

use super::log_rows::ended;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_explain",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("nodeid", Integer),
        ("parentid", Integer),
        ("plannode", Char(400)),
        ("info", Char(400)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let users: HashMap<i64, i64> =
        ended(view)?.into_iter().map(|query| (query.query_id, query.user_id)).collect();
    let row = |node: PlanNodeRecord| {
        let user_id = *users.get(&node.query_id)?;
        Some(vec![
            user_id.into(),
            node.query_id.into(),
            node.node_id.into(),
            node.parent_id.into(),
            node.text.into(),
            node.info.into(),
        ])
    };
    Ok(view.engine.warehouse().query_log().plan_nodes()?.into_iter().filter_map(row).collect())
}
