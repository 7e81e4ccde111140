//! sys_copy_replacements: as stl_replacements (the guide's page SYS_COPY_REPLACEMENTS).

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stl_replacements};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_copy_replacements",
    columns: &[
        ("user_id", Integer),
        ("query_id", BigInt),
        ("table_id", Integer),
        ("file_name", Char(256)),
        ("column_name", Char(127)),
        ("line_number", BigInt),
        ("raw_line", Char(1024)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = ["userid", "query", "tbl", "filename", "colname", "line_number", "raw_line"];
    stl_replacements::TABLE.picked(&columns, view)
}
