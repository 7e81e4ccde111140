//! pg_user: the users; an embedded warehouse has the one of its session.

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, USER_ID};

const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_user",
    columns: &[
        ("usename", NAME),
        ("usesysid", Integer),
        ("usecreatedb", Boolean),
        ("usesuper", Boolean),
        ("usecatupd", Boolean),
        ("passwd", NAME),
        ("valuntil", NAME),
        ("useconfig", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![
        view.user.into(),
        USER_ID.into(),
        true.into(),
        true.into(),
        false.into(),
        "********".into(),
        Value::Null,
        Value::Null,
    ]])
}
