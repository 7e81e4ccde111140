//! stv_blocklist: the blocks of tables (the guide's page STV_BLOCKLIST). A block is a megabyte; here a column of a file
//! counts as whole blocks.

use dwh_common::RedshiftType::{BigInt, Integer};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::relations::tables;
use super::rows::Value;
use super::stv_slices::slice_count;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_blocklist",
    columns: &[
        ("slice", Integer),
        ("col", Integer),
        ("tbl", Integer),
        ("blocknum", Integer),
        ("num_values", Integer),
        ("extended_limits", Integer),
        ("minvalue", BigInt),
        ("maxvalue", BigInt),
        ("sb_pos", Integer),
        ("pinned", Integer),
        ("on_disk", Integer),
        ("modified", Integer),
        ("hdr_modified", Integer),
        ("unsorted", Integer),
        ("tombstone", Integer),
        ("preferred_diskno", Integer),
        ("temporary", Integer),
        ("newblock", Integer),
        ("num_readers", Integer),
        ("flags", Integer),
        ("id", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(blocks(view).iter().map(row).collect())
}

pub(super) fn row(block: &Block) -> Vec<Value> {
    vec![
        block.slice.into(),
        block.column.into(),
        block.table_id.into(),
        block.number.into(),
        block.values.into(),
        0.into(),
        block.min.into(),
        block.max.into(),
        0.into(),
        0.into(),
        1.into(),
        0.into(),
        0.into(),
        1.into(),
        0.into(),
        0.into(),
        i64::from(block.is_temporary).into(),
        0.into(),
        0.into(),
        0.into(),
        block.table_id.into(),
    ]
}

/// A block of a column.
pub(super) struct Block {
    pub(super) slice: i64,
    /// From 0.
    pub(super) column: i64,
    pub(super) table_id: i64,
    pub(super) table_name: String,
    /// Place among the blocks of the column on the slice, from 0.
    pub(super) number: i64,
    pub(super) values: i64,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) is_temporary: bool,
}

const BLOCK_BYTES: u64 = 1 << 20;

/// The blocks of all tables: those of each column of each file, the files dealt out to the slices.
pub(super) fn blocks(view: &SystemView<'_>) -> Vec<Block> {
    let slices = slice_count();
    let mut blocks = Vec::new();
    for table in tables(view) {
        for (column, definition) in table.definition.columns.iter().enumerate() {
            let mut numbers = vec![0; slices];
            for (place, file) in table.files.iter().enumerate() {
                let known = file.statistics.get(&definition.id);
                let bytes = known.map_or(0, |known| known.size_bytes);
                let count = bytes.div_ceil(BLOCK_BYTES).max(1);
                let whole = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
                for block in 0..count {
                    let (first, last) = (file.rows * block / count, file.rows * (block + 1) / count);
                    blocks.push(Block {
                        slice: (place % slices) as i64,
                        column: column as i64,
                        table_id: relation_oid(table.id),
                        table_name: table.definition.name.clone(),
                        number: numbers[place % slices],
                        values: i64::try_from(last - first).unwrap_or(i64::MAX),
                        min: known.and_then(|known| whole(&known.min)),
                        max: known.and_then(|known| whole(&known.max)),
                        is_temporary: table.definition.temporary,
                    });
                    numbers[place % slices] += 1;
                }
            }
        }
    }
    blocks
}
