//! svv_mv_info: the materialized views (the guide's page SVV_MV_INFO).

use std::sync::Arc;

use dwh_common::RedshiftType::{Char, Integer};
use dwh_common::SqlError;
use dwh_storage::{Securable, Table};

use super::relations::tables;
use super::rows::Value;
use super::stv_mv_info::{RECOMPUTED, is_stale};
use super::{PG_CATALOG, SystemTable, SystemView};

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
    let row = |table: Arc<Table>| {
        let definition = &table.definition;
        let query = definition.materialized.as_ref()?;
        let yes = |yes: bool| Value::from(if yes { "t" } else { "f" });
        let owner = view.owner_name(Securable::Relation(table.id));
        Some(vec![
            view.database.into(),
            definition.schema.clone().into(),
            owner.into(),
            definition.name.clone().into(),
            yes(is_stale(view, &table)),
            RECOMPUTED.into(),
            yes(false),
            yes(query.auto_refresh),
        ])
    };
    Ok(tables(view).into_iter().filter_map(row).collect())
}
