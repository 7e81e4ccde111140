//! svv_redshift_tables: tables and views of Redshift itself (RS 5.3).

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::{Catalog, CatalogRelation};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_redshift_tables",
    columns: &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("table_type", NAME),
        ("table_acl", RedshiftType::Varchar(65535)),
        ("remarks", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |relation: CatalogRelation| {
        let kind = if relation.is_view() { "VIEW" } else { "TABLE" };
        vec![
            view.database.into(),
            relation.schema.into(),
            relation.name.into(),
            kind.into(),
            Value::Null,
            relation.comment.into(),
        ]
    };
    Ok(Catalog::new(view).tables_and_views().map(row).collect())
}
