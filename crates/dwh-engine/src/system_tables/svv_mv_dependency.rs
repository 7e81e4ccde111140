//! svv_mv_dependency: materialized views that read others (the guide's page SVV_MV_DEPENDENCY).

use dwh_common::RedshiftType::Char;
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stv_mv_deps};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_mv_dependency",
    columns: &[
        ("database_name", Char(128)),
        ("schema_name", Char(128)),
        ("name", Char(128)),
        ("dependent_database_name", Char(128)),
        ("dependent_schema_name", Char(128)),
        ("dependent_name", Char(128)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = ["db_name", "schema", "name", "ref_database_name", "ref_schema", "ref_name"];
    stv_mv_deps::TABLE.picked(&columns, view)
}
