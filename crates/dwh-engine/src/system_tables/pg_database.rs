//! pg_database: the databases; an embedded warehouse has one.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::catalog::DATABASE_OID;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::acl::column_text;

const NAME: RedshiftType = RedshiftType::Varchar(127);
const UTF8: i32 = 6;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_database",
    columns: &[
        ("datname", NAME),
        ("datdba", Integer),
        ("encoding", Integer),
        ("datistemplate", Boolean),
        ("datallowconn", Boolean),
        ("datlastsysoid", BigInt),
        ("datvacuumxid", BigInt),
        ("datfrozenxid", BigInt),
        ("dattablespace", BigInt),
        ("datconfig", RedshiftType::Varchar(65535)),
        ("datacl", RedshiftType::Varchar(65535)),
        ("oid", BigInt),
        ("datcollate", NAME),
        ("datctype", NAME),
        ("datconnlimit", Integer),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let access = view.transaction.access();
    Ok(vec![vec![
        view.database.into(),
        access.owner(Securable::Database).into(),
        UTF8.into(),
        false.into(),
        true.into(),
        0.into(),
        0.into(),
        0.into(),
        1663.into(),
        Value::Null,
        column_text(access, Securable::Database).into(),
        DATABASE_OID.into(),
        "C".into(),
        "C".into(),
        (-1).into(),
        1262.into(),
    ]])
}
