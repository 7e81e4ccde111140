//! stv_mv_info: the materialized views (the guide's page STV_MV_INFO).

use std::sync::Arc;

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;
use dwh_storage::{Securable, Table};

use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_mv_info",
    columns: &[
        ("db_name", Char(128)),
        ("schema", Char(128)),
        ("name", Char(128)),
        ("updated_upto_xid", BigInt),
        ("is_stale", Char(1)),
        ("owner_user_name", Char(128)),
        ("state", Integer),
        ("autorefresh", Char(1)),
        ("autorewrite", Char(1)),
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
            definition.name.clone().into(),
            Value::Null,
            yes(is_stale(view, &table)),
            owner.into(),
            RECOMPUTED.into(),
            yes(query.auto_refresh),
            yes(false),
        ])
    };
    Ok(tables(view).into_iter().filter_map(row).collect())
}

/// The state of views that are made anew by a refresh.
const RECOMPUTED: i64 = 0;

/// Whether a table below the view has newer files: files are numbered in the order of their commits.
fn is_stale(view: &SystemView<'_>, table: &Table) -> bool {
    let below = table.definition.materialized.iter().flat_map(|query| &query.depends_on);
    let mut below = below.filter_map(|(schema, name)| view.transaction.table(schema, name));
    let refreshed = table.newest_file_id();
    refreshed.is_some() && below.any(|read| read.newest_file_id() > refreshed)
}
