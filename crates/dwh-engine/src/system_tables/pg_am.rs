//! pg_am: access methods. Tables have none to choose; PostgreSQL lists those of indexes.

use dwh_common::RedshiftType::{self, BigInt, Integer};
use dwh_common::SqlError;

use super::catalog::SYSTEM_USER;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

/// The id of the method that indexes of keys have.
pub(super) const BTREE: i64 = 403;
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_am",
    columns: &[
        ("oid", BigInt),
        ("amname", NAME),
        ("amowner", Integer),
        ("amhandler", NAME),
        ("amtype", RedshiftType::Char(1)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let _ = view;
    Ok(vec![vec![BTREE.into(), "btree".into(), SYSTEM_USER.into(), "bthandler".into(), "i".into()]])
}
