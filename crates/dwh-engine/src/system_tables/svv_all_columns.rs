//! svv_all_columns: columns of all databases (RS 5.3).

use dwh_common::RedshiftType::{self, BigInt, Integer, SmallInt};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_all_columns",
    columns: &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", Integer),
        ("column_default", RedshiftType::Varchar(65535)),
        ("is_nullable", NAME),
        ("data_type", NAME),
        ("character_maximum_length", Integer),
        ("numeric_precision", Integer),
        ("numeric_scale", Integer),
        ("remarks", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).tables_and_views() {
        for (index, column) in relation.columns.into_iter().enumerate() {
            let full_name = column.data_type.to_string();
            let bare_name = full_name.split('(').next().unwrap_or_default().to_owned();
            let (precision, scale) = digits(column.data_type);
            rows.push(vec![
                view.database.into(),
                relation.schema.clone().into(),
                relation.name.clone().into(),
                column.name.into(),
                (index as i64 + 1).into(),
                column.default.into(),
                if column.nullable { "YES" } else { "NO" }.into(),
                bare_name.into(),
                column.data_type.length_bytes().map(i64::from).into(),
                precision.into(),
                scale.into(),
                column.comment.into(),
            ]);
        }
    }
    Ok(rows)
}

/// numeric_precision and numeric_scale.
fn digits(data_type: RedshiftType) -> (Option<i64>, Option<i64>) {
    match data_type {
        SmallInt => (Some(16), Some(0)),
        Integer => (Some(32), Some(0)),
        BigInt => (Some(64), Some(0)),
        RedshiftType::Decimal { precision, scale } => (Some(precision.into()), Some(scale.into())),
        _ => (None, None),
    }
}
