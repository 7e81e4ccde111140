//! stv_tbl_perm: the tables by id, a row for each slice (the guide's page STV_TBL_PERM); load errors refer to it.

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::catalog::{DATABASE_OID, relation_oid};
use super::pg_class::dist_style;
use super::relations::tables;
use super::rows::Value;
use super::stv_slices::slice_count;
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
        ("dist_style", Integer),
        ("block_count", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let slices = slice_count();
    let mut rows = Vec::new();
    for table in tables(view) {
        let of_slice = |slice: usize| table.files.iter().skip(slice).step_by(slices);
        let in_memory: u64 = table.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        for slice in 0..slices {
            let in_files: u64 = of_slice(slice).map(|file| file.rows).sum();
            let bytes: u64 = of_slice(slice).map(|file| file.bytes).sum();
            rows.push(vec![
                (slice as i64).into(),
                relation_oid(table.id).into(),
                table.definition.name.clone().into(),
                (in_files + if slice == 0 { in_memory } else { 0 }).into(),
                0.into(),
                i32::from(table.definition.temporary).into(),
                DATABASE_OID.into(),
                1.into(),
                0.into(),
                i32::from(!table.definition.attributes.backup_no).into(),
                dist_style(&table.definition.attributes).into(),
                bytes.div_ceil(1 << 20).into(),
            ]);
        }
    }
    Ok(rows)
}
