//! svv_diskusage: the blocks of tables with their names (the guide's page SVV_DISKUSAGE).

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::catalog::DATABASE_OID;
use super::rows::Value;
use super::stv_blocklist::{self, Block, blocks, row};
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_diskusage",
    columns: &[
        ("db_id", Integer),
        ("name", Char(72)),
        ("slice", Integer),
        ("col", Integer),
        ("tbl", Integer),
        ("blocknum", Integer),
        ("num_values", Integer),
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
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let of_block = TABLE.columns[2..].iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let named = |block: Block| {
        let mut values = stv_blocklist::TABLE.pick(&of_block, &row(&block));
        values.splice(0..0, [DATABASE_OID.into(), block.table_name.into()]);
        values
    };
    Ok(blocks(view).into_iter().map(named).collect())
}
