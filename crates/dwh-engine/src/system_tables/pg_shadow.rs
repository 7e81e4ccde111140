//! pg_shadow: the users, for superusers; of passwords it shows that they are hidden.

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_shadow",
    columns: &[
        ("usename", NAME),
        ("usesysid", Integer),
        ("usecreatedb", Boolean),
        ("usesuper", Boolean),
        ("usecatupd", Boolean),
        ("passwd", NAME),
        ("valuntil", NAME),
        ("useconfig", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    (super::pg_user::TABLE.rows)(view)
}
