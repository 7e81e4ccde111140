//! Bounds and counts per column: from a Parquet footer to DuckLake's text, and merged over files.

use std::cmp::Ordering;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta};
use dwh_common::RedshiftType;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

use crate::data_file::ColumnStatistics;
use crate::value::compare;

/// Statistics of the column at `position` over all row groups of a file; `floats` if it is of a
/// floating-point type.
pub(crate) fn of_footer(
    footer: &ParquetMetaData,
    position: usize,
    data_type: RedshiftType,
    floats: Option<&FloatStatistics>,
) -> ColumnStatistics {
    let mut merged: Option<ColumnStatistics> = None;
    for group in footer.row_groups() {
        let chunk = group.column(position);
        let rows = u64::try_from(group.num_rows()).unwrap_or_default();
        let known = chunk.statistics();
        // Without a count, NULLs cannot be ruled out; every row may be one.
        let null_count = known.and_then(Statistics::null_count_opt).unwrap_or(rows);
        let part = ColumnStatistics {
            size_bytes: u64::try_from(chunk.compressed_size()).unwrap_or_default(),
            value_count: rows.saturating_sub(null_count),
            null_count,
            min: known.and_then(|known| bound_text(known, Bound::Min, data_type)),
            max: known.and_then(|known| bound_text(known, Bound::Max, data_type)),
            contains_nan: None,
        };
        merged = Some(match merged {
            Some(before) => merge(&before, &part, data_type),
            None => part,
        });
    }
    let merged = merged.unwrap_or_default();
    match floats {
        Some(floats) => floats.column_statistics(merged.size_bytes, data_type),
        None => merged,
    }
}

/// Statistics of a floating-point column, gathered while it is written and kept out of the Parquet file:
/// NaN sorts above all numbers, but Parquet's bounds leave it out, and DuckDB and DataFusion both skip a
/// row group with a NaN for `x > 1e300`.
#[derive(Debug, Default)]
pub(crate) struct FloatStatistics {
    value_count: u64,
    null_count: u64,
    contains_nan: bool,
    bounds: Option<(f64, f64)>,
}

impl FloatStatistics {
    /// Takes in more values; other types than REAL and DOUBLE PRECISION have none.
    pub(crate) fn observe(&mut self, column: &dyn Array) {
        self.null_count += column.null_count() as u64;
        self.value_count += (column.len() - column.null_count()) as u64;
        match column.data_type() {
            DataType::Float32 => {
                column
                    .as_primitive::<Float32Type>()
                    .iter()
                    .flatten()
                    .for_each(|value| self.add(value.into()));
            }
            DataType::Float64 => {
                column.as_primitive::<Float64Type>().iter().flatten().for_each(|v| self.add(v))
            }
            _ => {}
        }
    }

    fn add(&mut self, value: f64) {
        if value.is_nan() {
            self.contains_nan = true;
            return;
        }
        let (min, max) = self.bounds.unwrap_or((value, value));
        self.bounds = Some((min.min(value), max.max(value)));
    }

    fn column_statistics(&self, size_bytes: u64, data_type: RedshiftType) -> ColumnStatistics {
        // No bounds beside a NaN, so that nobody takes them for bounds of all values; infinities have no
        // text that all readers share.
        let bounds =
            self.bounds.filter(|(min, max)| !self.contains_nan && min.is_finite() && max.is_finite());
        let text = |value: f64| match data_type {
            RedshiftType::Real => format!("{:?}", value as f32),
            _ => format!("{value:?}"),
        };
        ColumnStatistics {
            size_bytes,
            value_count: self.value_count,
            null_count: self.null_count,
            min: bounds.map(|(min, _)| text(min)),
            max: bounds.map(|(_, max)| text(max)),
            contains_nan: Some(self.contains_nan),
        }
    }
}

/// Statistics of the rows of both.
pub(crate) fn merge(
    left: &ColumnStatistics,
    right: &ColumnStatistics,
    data_type: RedshiftType,
) -> ColumnStatistics {
    ColumnStatistics {
        size_bytes: left.size_bytes + right.size_bytes,
        value_count: left.value_count + right.value_count,
        null_count: left.null_count + right.null_count,
        min: merge_bound(left, right, Bound::Min, data_type),
        max: merge_bound(left, right, Bound::Max, data_type),
        contains_nan: match (left.contains_nan, right.contains_nan) {
            (Some(a), Some(b)) => Some(a || b),
            _ => None,
        },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Min,
    Max,
}

fn merge_bound(
    left: &ColumnStatistics,
    right: &ColumnStatistics,
    bound: Bound,
    data_type: RedshiftType,
) -> Option<String> {
    // A side of NULLs alone says nothing about bounds; a side with values and no bound makes them unknown.
    let pick = |side: &ColumnStatistics| match bound {
        Bound::Min => side.min.clone(),
        Bound::Max => side.max.clone(),
    };
    if left.value_count == 0 {
        return pick(right);
    }
    if right.value_count == 0 {
        return pick(left);
    }
    let (a, b) = (pick(left)?, pick(right)?);
    let left_wins = match compare(&a, &b, data_type)? {
        Ordering::Less => bound == Bound::Min,
        Ordering::Greater => bound == Bound::Max,
        Ordering::Equal => true,
    };
    Some(if left_wins { a } else { b })
}

fn bound_text(statistics: &Statistics, bound: Bound, data_type: RedshiftType) -> Option<String> {
    match statistics {
        Statistics::Boolean(s) => {
            let value = if bound == Bound::Min { s.min_opt() } else { s.max_opt() };
            value.map(|value| if *value { "1" } else { "0" }.to_owned())
        }
        Statistics::Int32(s) => {
            let value = if bound == Bound::Min { s.min_opt() } else { s.max_opt() };
            integer_text(i64::from(*value?), data_type)
        }
        Statistics::Int64(s) => {
            let value = if bound == Bound::Min { s.min_opt() } else { s.max_opt() };
            integer_text(*value?, data_type)
        }
        Statistics::ByteArray(s) if data_type.is_text() => {
            let value = if bound == Bound::Min { s.min_opt() } else { s.max_opt() };
            value.and_then(|value| value.as_utf8().ok()).map(str::to_owned)
        }
        Statistics::FixedLenByteArray(s) => {
            let RedshiftType::Decimal { scale, .. } = data_type else { return None };
            let value = if bound == Bound::Min { s.min_opt() } else { s.max_opt() };
            Some(decimal_text(big_endian(value?.data())?, scale))
        }
        // SUPER and VARBYTE have no order that a query could use; REAL and DOUBLE PRECISION are not here.
        _ => None,
    }
}

fn integer_text(value: i64, data_type: RedshiftType) -> Option<String> {
    match data_type {
        RedshiftType::Decimal { scale, .. } => Some(decimal_text(i128::from(value), scale)),
        RedshiftType::Date => {
            let epoch = NaiveDate::default();
            let days = Days::new(value.unsigned_abs());
            let date = if value < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
            date.filter(|date| in_text_range(chrono::Datelike::year(date))).map(|date| date.to_string())
        }
        RedshiftType::Time | RedshiftType::TimeTz => {
            let time = NaiveTime::MIN.overflowing_add_signed(TimeDelta::microseconds(value)).0;
            Some(with_fraction(time.format("%H:%M:%S").to_string(), value))
        }
        RedshiftType::Timestamp => timestamp_text(value),
        RedshiftType::TimestampTz => timestamp_text(value).map(|text| text + "+00"),
        _ => Some(value.to_string()),
    }
}

fn timestamp_text(micros: i64) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros)?;
    in_text_range(chrono::Datelike::year(&time))
        .then(|| with_fraction(time.format("%Y-%m-%d %H:%M:%S").to_string(), micros))
}

/// Outside these years, dates as text do not sort like dates.
fn in_text_range(year: i32) -> bool {
    (0..=9999).contains(&year)
}

/// Appends the microseconds without trailing zeros, as DuckDB prints times.
fn with_fraction(seconds: String, micros: i64) -> String {
    let fraction = micros.rem_euclid(1_000_000);
    if fraction == 0 {
        return seconds;
    }
    format!("{seconds}.{}", format!("{fraction:06}").trim_end_matches('0'))
}

fn decimal_text(unscaled: i128, scale: u8) -> String {
    if scale == 0 {
        return unscaled.to_string();
    }
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    format!("{}{whole}.{fraction}", if unscaled < 0 { "-" } else { "" })
}

fn big_endian(bytes: &[u8]) -> Option<i128> {
    if bytes.len() > 16 {
        return None;
    }
    let fill = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xFF } else { 0 };
    let mut all = [fill; 16];
    all[16 - bytes.len()..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_written_as_duckdb_writes_them() {
        // Expected texts are those of a catalog that DuckDB 1.5.5 made.
        let decimal = RedshiftType::Decimal { precision: 18, scale: 4 };
        assert_eq!(integer_text(22_500, decimal).as_deref(), Some("2.2500"));
        assert_eq!(integer_text(-5, decimal).as_deref(), Some("-0.0005"));
        assert_eq!(integer_text(18_262, RedshiftType::Date).as_deref(), Some("2020-01-01"));
        assert_eq!(integer_text(3_723_500_000, RedshiftType::Time).as_deref(), Some("01:02:03.5"));
        let micros = 1_577_840_523_123_456;
        assert_eq!(
            integer_text(micros, RedshiftType::TimestampTz).as_deref(),
            Some("2020-01-01 01:02:03.123456+00")
        );
    }

    #[test]
    fn negative_times_and_years_before_zero_keep_their_order_or_have_no_bound() {
        assert_eq!(integer_text(-1, RedshiftType::Timestamp).as_deref(), Some("1969-12-31 23:59:59.999999"));
        assert_eq!(integer_text(-800_000, RedshiftType::Date), None);
    }

    #[test]
    fn a_nan_takes_the_bounds_away_and_a_real_keeps_its_short_text() {
        let mut floats = FloatStatistics::default();
        floats.observe(&arrow::array::Float32Array::from(vec![Some(1.1), None, Some(-2.0)]));
        let known = floats.column_statistics(9, RedshiftType::Real);
        assert_eq!((known.min.as_deref(), known.max.as_deref()), (Some("-2.0"), Some("1.1")));
        assert_eq!((known.value_count, known.null_count, known.contains_nan), (2, 1, Some(false)));
        floats.observe(&arrow::array::Float32Array::from(vec![f32::NAN]));
        let known = floats.column_statistics(9, RedshiftType::Real);
        assert_eq!((known.min, known.max, known.contains_nan), (None, None, Some(true)));
    }

    #[test]
    fn merging_compares_numbers_as_numbers_and_ignores_sides_without_values() {
        let of = |min: &str, max: &str| ColumnStatistics {
            value_count: 1,
            min: Some(min.to_owned()),
            max: Some(max.to_owned()),
            ..ColumnStatistics::default()
        };
        let merged = merge(&of("9", "10"), &of("-11", "9"), RedshiftType::Integer);
        assert_eq!((merged.min.as_deref(), merged.max.as_deref()), (Some("-11"), Some("10")));
        let nulls = ColumnStatistics { null_count: 3, ..ColumnStatistics::default() };
        let merged = merge(&merged, &nulls, RedshiftType::Integer);
        assert_eq!((merged.min.as_deref(), merged.null_count), (Some("-11"), 3));
        let unknown = ColumnStatistics { value_count: 1, ..ColumnStatistics::default() };
        assert_eq!(merge(&merged, &unknown, RedshiftType::Integer).min, None);
    }
}
