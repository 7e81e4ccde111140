//! pg_type: the types.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer, SmallInt};
use dwh_common::SqlError;

use super::catalog::SYSTEM_USER;
use super::rows::Value;
use super::types::{CatalogType, TYPES};
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_type",
    columns: &[
        ("oid", BigInt),
        ("typname", NAME),
        ("typnamespace", BigInt),
        ("typowner", Integer),
        ("typlen", SmallInt),
        ("typbyval", Boolean),
        ("typtype", RedshiftType::Char(1)),
        ("typisdefined", Boolean),
        ("typdelim", RedshiftType::Char(1)),
        ("typrelid", BigInt),
        ("typelem", BigInt),
        ("typinput", NAME),
        ("typoutput", NAME),
        ("typreceive", NAME),
        ("typsend", NAME),
        ("typanalyze", NAME),
        ("typalign", RedshiftType::Char(1)),
        ("typstorage", RedshiftType::Char(1)),
        ("typnotnull", Boolean),
        ("typbasetype", BigInt),
        ("typtypmod", Integer),
        ("typndims", Integer),
        ("typdefaultbin", RedshiftType::Varchar(65535)),
        ("typdefault", RedshiftType::Varchar(65535)),
        ("typarray", BigInt),
        ("typcategory", RedshiftType::Char(1)),
        ("typcollation", BigInt),
        ("typacl", RedshiftType::Varchar(65535)),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let _ = view;
    Ok(TYPES.iter().map(row).collect())
}

fn row(known: &CatalogType) -> Vec<Value> {
    let function = |suffix: &str| {
        Value::Text(if known.element == 0 {
            format!("{}{suffix}", known.name)
        } else {
            format!("array_{suffix}")
        })
    };
    let array = TYPES.iter().find(|other| other.element == known.oid).map_or(0, |array| array.oid);
    vec![
        known.oid.into(),
        known.name.into(),
        11.into(),
        SYSTEM_USER.into(),
        known.length.into(),
        matches!(known.length, 1..=8).into(),
        if known.category == 'P' { "p" } else { "b" }.into(),
        true.into(),
        ",".into(),
        0.into(),
        known.element.into(),
        function("in"),
        function("out"),
        function("recv"),
        function("send"),
        "-".into(),
        "i".into(),
        if known.length > 0 { "p" } else { "x" }.into(),
        false.into(),
        0.into(),
        (-1).into(),
        0.into(),
        Value::Null,
        Value::Null,
        array.into(),
        known.category.to_string().into(),
        0.into(),
        Value::Null,
        1247.into(),
    ]
}
