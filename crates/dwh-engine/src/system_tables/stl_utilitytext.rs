//! stl_utilitytext: the statements that are neither queries nor definitions, 200 bytes a row (the guide's page STL_UTILITYTEXT).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::StatementClass;

use super::log_rows::{labelled_slice, of_class, sliced};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_utilitytext",
    columns: &[
        ("userid", Integer),
        ("xid", BigInt),
        ("pid", Integer),
        ("label", Char(320)),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("sequence", Integer),
        ("text", Char(200)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(sliced(&of_class(view, StatementClass::Utility)?, labelled_slice))
}
