//! pg_namespace: the schemas.

use dwh_common::RedshiftType::{self, BigInt, Integer};
use dwh_common::SqlError;

use super::catalog::{Catalog, CatalogSchema};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_namespace",
    columns: &[
        ("oid", BigInt),
        ("nspname", NAME),
        ("nspowner", Integer),
        ("nspacl", RedshiftType::Varchar(65535)),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |schema: CatalogSchema| {
        vec![schema.oid.into(), schema.name.into(), schema.owner.into(), schema.acl.into(), 2615.into()]
    };
    Ok(Catalog::new(view).schemas.into_iter().map(row).collect())
}
