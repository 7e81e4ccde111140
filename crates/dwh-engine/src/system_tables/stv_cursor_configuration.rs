//! stv_cursor_configuration: how many cursors are open (the guide's page STV_CURSOR_CONFIGURATION). Their rows are made
//! while they are fetched, so they take no disk.

use dwh_common::RedshiftType::Integer;
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_cursor_configuration",
    columns: &[
        ("current_cursor_count", Integer),
        ("max_diskspace_usable", Integer),
        ("current_diskspace_used", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let open = view.engine.activity().sessions().iter().filter(|session| session.cursor.is_some()).count();
    Ok(vec![vec![(open as i64).into(), Value::Null, 0.into()]])
}
