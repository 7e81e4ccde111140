//! pg_tablespace: where files lie.

use dwh_common::RedshiftType::{self, BigInt, Integer};
use dwh_common::SqlError;

use super::catalog::SYSTEM_USER;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_tablespace",
    columns: &[
        ("oid", BigInt),
        ("spcname", NAME),
        ("spcowner", Integer),
        ("spclocation", RedshiftType::Varchar(65535)),
        ("spcacl", RedshiftType::Varchar(65535)),
        ("spcoptions", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let _ = view;
    let row = |oid: i64, name: &str| {
        vec![oid.into(), name.into(), SYSTEM_USER.into(), "".into(), Value::Null, Value::Null]
    };
    Ok(vec![row(1663, "pg_default"), row(1664, "pg_global")])
}
