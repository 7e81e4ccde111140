//! pg_attribute: the columns of tables, views and indexes of keys.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer, SmallInt};
use dwh_common::SqlError;

use super::catalog::{Catalog, CatalogColumn};
use super::rows::Value;
use super::types::{self, oid_and_modifier};
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_attribute",
    columns: &[
        ("attrelid", BigInt),
        ("attname", NAME),
        ("atttypid", BigInt),
        ("attstattarget", Integer),
        ("attlen", SmallInt),
        ("attnum", SmallInt),
        ("attndims", Integer),
        ("attcacheoff", Integer),
        ("atttypmod", Integer),
        ("attbyval", Boolean),
        ("attstorage", RedshiftType::Char(1)),
        ("attalign", RedshiftType::Char(1)),
        ("attnotnull", Boolean),
        ("atthasdef", Boolean),
        ("attisdropped", Boolean),
        ("attislocal", Boolean),
        ("attinhcount", Integer),
        ("attisdistkey", Boolean),
        ("attispreloaded", Boolean),
        ("attsortkeyord", Integer),
        ("attencodingtype", SmallInt),
        ("attencrypttype", SmallInt),
        ("attcollation", BigInt),
        ("attidentity", RedshiftType::Char(1)),
        ("attgenerated", RedshiftType::Char(1)),
        ("attacl", RedshiftType::Varchar(65535)),
        ("attoptions", RedshiftType::Varchar(65535)),
        ("attfdwoptions", RedshiftType::Varchar(65535)),
        ("attcompression", RedshiftType::Char(1)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let columns = catalog.relations.iter().flat_map(|relation| {
        relation.columns.iter().enumerate().map(|(index, column)| row(relation.oid, index, column))
    });
    Ok(columns.collect())
}

fn row(relation: i64, index: usize, column: &CatalogColumn) -> Vec<Value> {
    let (oid, modifier) = oid_and_modifier(column.data_type);
    let length = types::find(oid).map_or(-1, |known| known.length);
    vec![
        relation.into(),
        column.name.clone().into(),
        oid.into(),
        (-1).into(),
        length.into(),
        (index as i64 + 1).into(),
        0.into(),
        (-1).into(),
        modifier.into(),
        matches!(length, 1..=8).into(),
        if length > 0 { "p" } else { "x" }.into(),
        "i".into(),
        (!column.nullable).into(),
        column.default.is_some().into(),
        false.into(),
        true.into(),
        0.into(),
        column.is_dist_key.into(),
        false.into(),
        column.sort_position.into(),
        column.encoding.as_deref().map_or(0, encoding_number).into(),
        0.into(),
        0.into(),
        "".into(),
        "".into(),
        Value::Null,
        Value::Null,
        Value::Null,
        "".into(),
    ]
}

/// The number that format_encoding() takes (awslabs/amazon-redshift-utils, v_generate_tbl_ddl).
fn encoding_number(name: &str) -> i64 {
    super::encodings::number(name)
}
