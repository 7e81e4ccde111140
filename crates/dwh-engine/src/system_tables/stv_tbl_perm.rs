//! stv_tbl_perm: the tables by id, which load errors refer to (RS 2.2, 5.3).

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::relations::tables;
use super::rows::{Value, padded};
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_tbl_perm",
    columns: &[
        ("slice", Integer),
        ("id", Integer),
        ("name", Char(72)),
        ("rows", BigInt),
        ("sorted_rows", BigInt),
        ("temp", Integer),
        ("db_id", Integer),
        ("insert_pristine", Integer),
        ("delete_pristine", Integer),
        ("backup", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |table: std::sync::Arc<dwh_storage::Table>| {
        vec![
            0.into(),
            relation_oid(table.id).into(),
            padded(&table.definition.name, 72),
            table.row_count().into(),
            0.into(),
            i32::from(table.definition.temporary).into(),
            1.into(),
            0.into(),
            0.into(),
            i32::from(!table.definition.attributes.backup_no).into(),
        ]
    };
    Ok(tables(view).into_iter().map(row).collect())
}
