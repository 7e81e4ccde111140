//! svv_redshift_databases: databases of the warehouse (RS 5.3).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;
use dwh_storage::Securable;

use super::rows::Value;
use super::stv_db_isolation_level::isolation_level;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_redshift_databases",
    columns: &[
        ("database_name", NAME),
        ("database_owner", Integer),
        ("database_type", NAME),
        ("database_acl", RedshiftType::Varchar(65535)),
        ("database_options", NAME),
        ("database_isolation_level", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![
        view.database.into(),
        view.transaction.access().owner(Securable::Database).into(),
        "local".into(),
        Value::Null,
        Value::Null,
        isolation_level(view).into(),
    ]])
}
