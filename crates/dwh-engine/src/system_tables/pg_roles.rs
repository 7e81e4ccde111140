//! pg_roles: users as PostgreSQL 8.1 and later list them.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::OWNER_ID;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_roles",
    columns: &[
        ("oid", BigInt),
        ("rolname", NAME),
        ("rolsuper", Boolean),
        ("rolinherit", Boolean),
        ("rolcreaterole", Boolean),
        ("rolcreatedb", Boolean),
        ("rolcanlogin", Boolean),
        ("rolconnlimit", Integer),
        ("rolvaliduntil", RedshiftType::Varchar(65535)),
        ("rolreplication", Boolean),
        ("rolbypassrls", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![
        OWNER_ID.into(),
        view.user.into(),
        true.into(),
        true.into(),
        true.into(),
        true.into(),
        true.into(),
        (-1).into(),
        Value::Null,
        false.into(),
        false.into(),
    ]])
}
