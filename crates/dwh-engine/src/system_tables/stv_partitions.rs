//! stv_partitions: the disk (the guide's page STV_PARTITIONS). There is one; how large it is the engine does not ask.

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_partitions",
    columns: &[
        ("owner", Integer),
        ("host", Integer),
        ("diskno", Integer),
        ("part_begin", BigInt),
        ("part_end", BigInt),
        ("used", Integer),
        ("tossed", Integer),
        ("capacity", Integer),
        ("reads", BigInt),
        ("writes", BigInt),
        ("seek_forward", Integer),
        ("seek_back", Integer),
        ("is_san", Integer),
        ("failed", Integer),
        ("mbps", Integer),
        ("mount", Char(256)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let bytes: u64 = tables(view).iter().map(|table| table.bytes()).sum();
    Ok(vec![vec![
        0.into(),
        0.into(),
        0.into(),
        0.into(),
        Value::Null,
        bytes.div_ceil(1 << 20).into(),
        0.into(),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        0.into(),
        0.into(),
        Value::Null,
        view.engine.dir().display().to_string().into(),
    ]])
}
