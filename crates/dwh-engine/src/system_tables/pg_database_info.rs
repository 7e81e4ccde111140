//! pg_database_info: pg_database with the bound on connections (the guide's page PG_DATABASE_INFO).

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, pg_database};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_database_info",
    columns: &[
        ("datid", BigInt),
        ("datname", NAME),
        ("datdba", Integer),
        ("encoding", Integer),
        ("datistemplate", Boolean),
        ("datallowconn", Boolean),
        ("datlastsysoid", BigInt),
        ("datvacuumxid", BigInt),
        ("datfrozenxid", BigInt),
        ("dattablespace", BigInt),
        ("datconfig", TEXT),
        ("datacl", TEXT),
        ("datconnlimit", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let limit = view.transaction.access().database.get("connection_limit");
    let limit = limit.map_or("UNLIMITED", String::as_str);
    let columns = [
        "oid",
        "datname",
        "datdba",
        "encoding",
        "datistemplate",
        "datallowconn",
        "datlastsysoid",
        "datvacuumxid",
        "datfrozenxid",
        "dattablespace",
        "datconfig",
        "datacl",
    ];
    let mut rows = pg_database::TABLE.picked(&columns, view)?;
    rows.iter_mut().for_each(|row| row.push(limit.into()));
    Ok(rows)
}
