//! Values as text, the way DuckLake keeps bounds and initial defaults.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::TimestampMicrosecondType;
use dwh_common::{RedshiftType, hex};

use crate::error::StorageError;

/// One value of `data_type`, in its Arrow type, from DuckLake's text: `42`, `1.2500`, `0`/`1` or
/// `false`/`true`, `2020-01-01`, `01:02:03.5`, `2020-01-01 01:02:03.5`, the same with `+00`, hexadecimal
/// for bytes, and text as it is.
///
/// # Errors
/// [`StorageError::InvalidValue`].
pub fn value_of_text(text: &str, data_type: RedshiftType) -> Result<ArrayRef, StorageError> {
    let invalid = || StorageError::InvalidValue { text: text.to_owned(), data_type: data_type.to_string() };
    let parsed = |text: &str, data_type: RedshiftType| {
        let source = StringArray::from_iter_values([text]);
        let options = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(&source, &data_type.arrow_type(), &options).map_err(|_| invalid())
    };
    match data_type {
        RedshiftType::Varbyte(_) => {
            let bytes = hex::decode(text).ok_or_else(invalid)?;
            Ok(Arc::new(BinaryArray::from_iter_values([bytes])))
        }
        // Always UTC, whose name Arrow itself cannot look up.
        RedshiftType::TimestampTz => {
            let text = text.strip_suffix("+00").ok_or_else(invalid)?;
            let micros = parsed(text, RedshiftType::Timestamp)?;
            Ok(Arc::new(micros.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC")))
        }
        other => parsed(text, other),
    }
}

/// Orders two bounds of one type; `None` if either cannot be read.
pub(crate) fn compare(left: &str, right: &str, data_type: RedshiftType) -> Option<Ordering> {
    match data_type {
        RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt | RedshiftType::Interval(_) => {
            Some(left.parse::<i64>().ok()?.cmp(&right.parse::<i64>().ok()?))
        }
        // Both have the column's scale, so the digits alone decide.
        RedshiftType::Decimal { .. } => Some(unscaled(left)?.cmp(&unscaled(right)?)),
        RedshiftType::Real | RedshiftType::Double => {
            left.parse::<f64>().ok()?.partial_cmp(&right.parse::<f64>().ok()?)
        }
        _ => Some(left.cmp(right)),
    }
}

fn unscaled(text: &str) -> Option<i128> {
    text.replacen('.', "", 1).parse().ok()
}

#[cfg(test)]
mod tests {
    use arrow::util::display::array_value_to_string;

    use super::*;

    #[test]
    fn every_type_is_read_from_the_text_that_duckdb_keeps() {
        let cases = [
            ("-7", RedshiftType::SmallInt, "-7"),
            ("9223372036854775807", RedshiftType::BigInt, "9223372036854775807"),
            ("1.5", RedshiftType::Decimal { precision: 10, scale: 2 }, "1.50"),
            ("-0.0005", RedshiftType::Decimal { precision: 38, scale: 10 }, "-0.0005000000"),
            ("1e+300", RedshiftType::Double, "1e300"),
            ("nan", RedshiftType::Double, "NaN"),
            ("1.5", RedshiftType::Real, "1.5"),
            ("1", RedshiftType::Boolean, "true"),
            ("0", RedshiftType::Boolean, "false"),
            ("true", RedshiftType::Boolean, "true"),
            ("it's", RedshiftType::Varchar(10), "it's"),
            ("", RedshiftType::Varchar(10), ""),
            ("2020-01-01", RedshiftType::Date, "2020-01-01"),
            ("01:02:03.5", RedshiftType::Time, "01:02:03.500"),
            ("2020-01-02 03:04:05.25", RedshiftType::Timestamp, "2020-01-02T03:04:05.250"),
            ("{\"a\":1}", RedshiftType::Super, "{\"a\":1}"),
            ("AA62", RedshiftType::Varbyte(9), "aa62"),
        ];
        for (text, data_type, expected) in cases {
            let value = value_of_text(text, data_type).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(*value.data_type(), data_type.arrow_type(), "{text}");
            assert_eq!(array_value_to_string(&value, 0).unwrap(), expected, "{text} as {data_type}");
        }
    }

    #[test]
    fn times_with_a_zone_are_utc() {
        let value = value_of_text("2020-01-01 01:02:03.123456+00", RedshiftType::TimestampTz).unwrap();
        assert_eq!(*value.data_type(), RedshiftType::TimestampTz.arrow_type());
        let micros = value.as_primitive::<TimestampMicrosecondType>().value(0);
        assert_eq!(micros, 1_577_840_523_123_456);
    }

    #[test]
    fn what_is_no_value_of_the_type_is_refused() {
        let cases = [
            ("x", RedshiftType::Integer),
            ("70000", RedshiftType::SmallInt),
            ("123.45", RedshiftType::Decimal { precision: 4, scale: 2 }),
            ("2020-13-01", RedshiftType::Date),
            ("A", RedshiftType::Varbyte(9)),
            ("2020-01-01 01:02:03", RedshiftType::TimestampTz),
        ];
        for (text, data_type) in cases {
            let refused = value_of_text(text, data_type);
            assert!(matches!(refused, Err(StorageError::InvalidValue { .. })), "{text} as {data_type}");
        }
    }
}
