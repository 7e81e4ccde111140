//! svv_all_schemas: schemas of all databases (RS 5.3).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;

use super::catalog::{Catalog, CatalogSchema};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_all_schemas",
    columns: &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("schema_owner", Integer),
        ("schema_type", NAME),
        ("schema_acl", RedshiftType::Varchar(65535)),
        ("source_database", NAME),
        ("schema_option", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |schema: CatalogSchema| {
        vec![
            view.database.into(),
            schema.name.into(),
            schema.owner.into(),
            "local".into(),
            Value::Null,
            Value::Null,
            Value::Null,
        ]
    };
    Ok(Catalog::new(view).schemas.into_iter().map(row).collect())
}
