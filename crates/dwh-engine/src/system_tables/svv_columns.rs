//! svv_columns: the columns of tables (RS 5.3); [`described`] serves information_schema.columns too.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::relations::{ListedColumn, all};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_columns",
    columns: &[
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", RedshiftType::Integer),
        ("column_default", RedshiftType::Varchar(65535)),
        ("is_nullable", RedshiftType::Varchar(3)),
        ("data_type", NAME),
        ("character_maximum_length", RedshiftType::Integer),
        ("numeric_precision", RedshiftType::Integer),
        ("numeric_precision_radix", RedshiftType::Integer),
        ("numeric_scale", RedshiftType::Integer),
        ("datetime_precision", RedshiftType::Integer),
        ("interval_type", NAME),
        ("interval_precision", NAME),
        ("character_set_catalog", NAME),
        ("character_set_schema", NAME),
        ("character_set_name", NAME),
        ("collation_catalog", NAME),
        ("collation_schema", NAME),
        ("collation_name", NAME),
        ("domain_name", NAME),
        ("remarks", RedshiftType::Varchar(256)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(described(view, TABLE.columns.len(), |column| column.comment.clone().into()))
}

/// One row for each column of each relation: what [`describe`] says, then NULLs up to the last of `width`
/// values, which is `last`.
pub(super) fn described(
    view: &SystemView<'_>,
    width: usize,
    last: impl Fn(&ListedColumn) -> Value,
) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for relation in all(view) {
        for (index, column) in relation.columns.iter().enumerate() {
            let mut row: Vec<Value> =
                vec![view.database.into(), relation.schema.clone().into(), relation.name.clone().into()];
            row.extend(describe(index, column));
            row.resize(width - 1, Value::Null);
            row.push(last(column));
            rows.push(row);
        }
    }
    rows
}

/// numeric_precision, numeric_precision_radix, numeric_scale.
fn digits(data_type: RedshiftType) -> (Option<i32>, Option<i32>, Option<i32>) {
    match data_type {
        RedshiftType::SmallInt => (Some(16), Some(2), Some(0)),
        RedshiftType::Integer => (Some(32), Some(2), Some(0)),
        RedshiftType::BigInt => (Some(64), Some(2), Some(0)),
        RedshiftType::Real => (Some(24), Some(2), None),
        RedshiftType::Double => (Some(53), Some(2), None),
        RedshiftType::Decimal { precision, scale } => (Some(precision.into()), Some(10), Some(scale.into())),
        _ => (None, None, None),
    }
}

/// character_maximum_length, numeric_precision, numeric_scale.
pub(crate) fn sizes(data_type: RedshiftType) -> [Value; 3] {
    let (precision, _, scale) = digits(data_type);
    [data_type.length_bytes().map(i64::from).into(), precision.into(), scale.into()]
}

/// column_name to datetime_precision of one column.
pub(crate) fn describe(index: usize, column: &ListedColumn) -> Vec<Value> {
    let (precision, radix, scale) = digits(column.data_type);
    let fraction = matches!(
        column.data_type,
        RedshiftType::Timestamp | RedshiftType::TimestampTz | RedshiftType::Time | RedshiftType::TimeTz
    );
    let full_name = match column.data_type {
        RedshiftType::Interval(_) => column.data_type.short_name().to_owned(),
        other => other.to_string(),
    };
    let bare_name = full_name.split('(').next().unwrap_or_default();
    vec![
        column.name.clone().into(),
        (index as i64 + 1).into(),
        column.default.clone().into(),
        if column.nullable { "YES" } else { "NO" }.into(),
        bare_name.into(),
        column.data_type.length_bytes().map(i64::from).into(),
        precision.into(),
        radix.into(),
        scale.into(),
        fraction.then_some(6).into(),
    ]
}
