//! pg_attrdef: defaults of columns; adsrc has their text (RS 5.5).

use dwh_common::RedshiftType::{self, BigInt, SmallInt};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_attrdef",
    columns: &[
        ("oid", BigInt),
        ("adrelid", BigInt),
        ("adnum", SmallInt),
        ("adbin", RedshiftType::Varchar(65535)),
        ("adsrc", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).relations {
        for (index, column) in relation.columns.into_iter().enumerate() {
            let Some(default) = column.default else { continue };
            let number = index as i64 + 1;
            rows.push(vec![
                (relation.oid * 1000 + number).into(),
                relation.oid.into(),
                number.into(),
                default.clone().into(),
                default.into(),
            ]);
        }
    }
    Ok(rows)
}
