//! pg_views: the views (PostgreSQL's view of that name).

use dwh_common::RedshiftType;
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_views",
    columns: &[
        ("schemaname", NAME),
        ("viewname", NAME),
        ("viewowner", NAME),
        ("definition", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |stored: std::sync::Arc<dwh_storage::View>| {
        vec![
            stored.definition.schema.clone().into(),
            stored.definition.name.clone().into(),
            view.owner_name(Securable::Relation(stored.id)).into(),
            stored.definition.sql.clone().into(),
        ]
    };
    Ok(view.transaction.views().into_iter().map(row).collect())
}
