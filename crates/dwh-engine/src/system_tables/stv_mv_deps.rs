//! stv_mv_deps: materialized views that read others (the guide's page STV_MV_DEPS).

use dwh_common::RedshiftType::Char;
use dwh_common::SqlError;

use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_mv_deps",
    columns: &[
        ("db_name", Char(128)),
        ("schema", Char(128)),
        ("name", Char(128)),
        ("ref_schema", Char(128)),
        ("ref_name", Char(128)),
        ("ref_database_name", Char(128)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for table in tables(view) {
        let definition = &table.definition;
        for (schema, name) in definition.materialized.iter().flat_map(|query| &query.depends_on) {
            let read = view.transaction.table(schema, name);
            if read.is_none_or(|read| read.definition.materialized.is_none()) {
                continue;
            }
            rows.push(vec![
                view.database.into(),
                definition.schema.clone().into(),
                definition.name.clone().into(),
                schema.clone().into(),
                name.clone().into(),
                view.database.into(),
            ]);
        }
    }
    Ok(rows)
}
