//! pg_proc_info: the functions of pg_proc, with their kind (the guide's page PG_PROC_INFO).

use dwh_common::RedshiftType::{self, BigInt, Boolean, Char, Integer, SmallInt};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_proc_info",
    columns: &[
        ("prooid", BigInt),
        ("proname", NAME),
        ("pronamespace", BigInt),
        ("proowner", Integer),
        ("prolang", BigInt),
        ("proisagg", Boolean),
        ("prosecdef", Boolean),
        ("proisstrict", Boolean),
        ("proretset", Boolean),
        ("provolatile", Char(1)),
        ("pronargs", SmallInt),
        ("prorettype", BigInt),
        ("proargtypes", TEXT),
        ("proargnames", TEXT),
        ("prosrc", TEXT),
        ("probin", TEXT),
        ("proacl", TEXT),
        ("prokind", Char(1)),
        ("proargmodes", TEXT),
        ("proallargtypes", TEXT),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let same = TABLE.columns[1..].iter().map(|(name, _)| *name);
    let columns = std::iter::once("oid").chain(same).collect::<Vec<_>>();
    super::pg_proc::TABLE.picked(&columns, view)
}
