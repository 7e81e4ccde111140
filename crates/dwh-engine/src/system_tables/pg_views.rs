//! pg_views: the views (PostgreSQL's view of that name), materialized ones included.

use dwh_common::RedshiftType;
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, relations};

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
    let mut rows: Vec<_> = view.transaction.views().into_iter().map(row).collect();
    for table in relations::tables(view) {
        let Some(definition) = relations::materialized_text(&table) else { continue };
        rows.push(vec![
            table.definition.schema.clone().into(),
            table.definition.name.clone().into(),
            view.owner_name(Securable::Relation(table.id)).into(),
            definition.into(),
        ]);
    }
    Ok(rows)
}
