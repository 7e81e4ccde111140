//! What the planner may know of a table's rows before it reads them.

use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use dwh_common::RedshiftType;
use dwh_storage::{ColumnDefinition, Table, value_of_text};

/// Rows and bytes of a table's files, and what is known of the columns at these positions.
///
/// Only the count of rows is exact: bounds stay when rows are deleted.
pub(super) fn of_files(table: &Table, schema: &SchemaRef, positions: &[usize]) -> Statistics {
    let rows: u64 = table.files.iter().map(|file| file.live_rows()).sum();
    let bytes: u64 = table.files.iter().map(|file| file.bytes).sum();
    let mut statistics = Statistics::new_unknown(schema);
    statistics.num_rows = Precision::Exact(rows as usize);
    statistics.total_byte_size = Precision::Inexact(bytes as usize);
    for &position in positions {
        // Behind the table's own columns are those of row addresses.
        let Some(column) = table.definition.columns.get(position) else { continue };
        let mut known = of_column(table, column);
        // Through a cast to DATE, DataFusion widens a range of timestamps to whole days, and then fails as the filter
        // keeps more than all.
        if matches!(column.data_type, RedshiftType::Timestamp | RedshiftType::TimestampTz) {
            (known.min_value, known.max_value) = (Precision::Absent, Precision::Absent);
        }
        statistics.column_statistics[position] = known;
    }
    statistics
}

/// NULLs, encoded bytes and bounds of a column's values.
pub(crate) fn of_column(table: &Table, column: &ColumnDefinition) -> ColumnStatistics {
    let unknown = ColumnStatistics::new_unknown();
    let Some(known) = table.statistics(column) else { return unknown };
    let has_range = has_range(column.data_type) && known.contains_nan != Some(true);
    let bound = |text: Option<String>| match text.filter(|_| has_range) {
        Some(text) => value(&text, column).map_or(Precision::Absent, Precision::Inexact),
        None => Precision::Absent,
    };
    let (min_value, max_value) = (bound(known.min), bound(known.max));
    ColumnStatistics {
        distinct_count: distinct_values(column.data_type, &min_value, &max_value, table.row_count()),
        null_count: Precision::Inexact(known.null_count as usize),
        byte_size: Precision::Inexact(known.size_bytes as usize),
        min_value,
        max_value,
        ..unknown
    }
}

/// Whole numbers, dates and decimals have no more values than their range.
fn distinct_values(
    data_type: RedshiftType,
    least: &Precision<ScalarValue>,
    greatest: &Precision<ScalarValue>,
    rows: u64,
) -> Precision<usize> {
    let is_countable =
        data_type.is_integer() || matches!(data_type, RedshiftType::Date | RedshiftType::Decimal { .. });
    if !is_countable {
        return Precision::Absent;
    }
    let range = steps(least).zip(steps(greatest)).and_then(|(least, greatest)| greatest.checked_sub(least));
    range.map_or(Precision::Absent, |range| {
        Precision::Inexact(range.unsigned_abs().saturating_add(1).min(rows.into()) as usize)
    })
}

/// A number in steps of its last digit, a date in days.
fn steps(bound: &Precision<ScalarValue>) -> Option<i128> {
    match bound.get_value()? {
        ScalarValue::Decimal128(digits, _, _) => *digits,
        number => match number.cast_to(&DataType::Int64) {
            Ok(ScalarValue::Int64(number)) => number.map(i128::from),
            _ => None,
        },
    }
}

/// Whether a range tells how many of its values a condition keeps.
fn has_range(data_type: RedshiftType) -> bool {
    use RedshiftType::{Date, Decimal, Double, Real, Timestamp, TimestampTz};
    data_type.is_integer()
        || matches!(data_type, Decimal { .. } | Real | Double | Date | Timestamp | TimestampTz)
}

fn value(text: &str, column: &ColumnDefinition) -> Option<ScalarValue> {
    let value = value_of_text(text, column.data_type).ok()?;
    let value = cast(&value, &column.data_type.planned_type()).ok()?;
    ScalarValue::try_from_array(&value, 0).ok()
}

#[cfg(test)]
mod tests {
    use datafusion::common::ScalarValue;
    use datafusion::common::stats::Precision;
    use dwh_common::RedshiftType;

    use super::distinct_values;

    #[test]
    fn a_range_has_as_many_values_as_steps_and_no_more_than_rows() {
        let decimal = RedshiftType::Decimal { precision: 5, scale: 2 };
        let offset = |digits| Precision::Inexact(ScalarValue::Decimal128(Some(digits), 5, 2));
        assert_eq!(distinct_values(decimal, &offset(-1000), &offset(-500), 50_000), Precision::Inexact(501));
        let number = |value| Precision::Inexact(ScalarValue::Int64(Some(value)));
        assert_eq!(distinct_values(RedshiftType::BigInt, &number(1), &number(9), 4), Precision::Inexact(4));
        let (least, greatest) = (number(i64::MIN), number(i64::MAX));
        assert_eq!(distinct_values(RedshiftType::BigInt, &least, &greatest, 7), Precision::Inexact(7));
        let day = |days| Precision::Inexact(ScalarValue::Date32(Some(days)));
        assert_eq!(distinct_values(RedshiftType::Date, &day(0), &day(364), 1000), Precision::Inexact(365));
        assert_eq!(distinct_values(RedshiftType::Double, &number(1), &number(2), 9), Precision::Absent);
    }
}
