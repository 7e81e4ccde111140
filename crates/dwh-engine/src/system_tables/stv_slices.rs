//! stv_slices: an embedded warehouse is one node with one slice a core (RS 7.2).

use dwh_common::RedshiftType::{Char, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_slices",
    columns: &[("node", Integer), ("slice", Integer), ("localslice", Integer), ("type", Char(1))],
    rows,
};

fn rows(_view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok((0..slice_count() as i64)
        .map(|slice| vec![0.into(), slice.into(), slice.into(), "D".into()])
        .collect())
}

/// Slices of the one node.
pub(super) fn slice_count() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
