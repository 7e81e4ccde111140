//! pg_language: languages of functions.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer};
use dwh_common::SqlError;

use super::catalog::SYSTEM_USER;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_language",
    columns: &[
        ("oid", BigInt),
        ("lanname", NAME),
        ("lanispl", Boolean),
        ("lanpltrusted", Boolean),
        ("lanplcallfoid", BigInt),
        ("lanvalidator", BigInt),
        ("lanacl", RedshiftType::Varchar(65535)),
        ("lanowner", Integer),
        ("laninline", BigInt),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let _ = view;
    let row = |(oid, name, is_procedural): (i64, &str, bool)| {
        vec![
            oid.into(),
            name.into(),
            is_procedural.into(),
            true.into(),
            0.into(),
            0.into(),
            Value::Null,
            SYSTEM_USER.into(),
            0.into(),
            2612.into(),
        ]
    };
    Ok([
        (12, "internal", false),
        (14, "sql", false),
        (100_124, "plpgsql", true),
        (100_125, "plpythonu", true),
    ]
    .map(row)
    .to_vec())
}
