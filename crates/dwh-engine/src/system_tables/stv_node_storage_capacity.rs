//! stv_node_storage_capacity: the one node (the guide's page STV_NODE_STORAGE_CAPACITY); how much its disk holds is not
//! asked.

use dwh_common::RedshiftType::Integer;
use dwh_common::SqlError;

use super::rows::Value;
use super::stv_blocklist::blocks;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_node_storage_capacity",
    columns: &[("node", Integer), ("used", Integer), ("capacity", Integer)],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![0.into(), (blocks(view).len() as i64).into(), Value::Null]])
}
