//! The text of every type, and the byte length of text (RS 3.3, RS 4.1).

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, PrimitiveArray, StringViewArray, StringViewBuilder, cast::AsArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type,
    Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
};
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlError, SqlState, hex};
use dwh_copy::number_format::{format_double, write_decimal};

use super::interval::interval_parts;
use super::{Rule, arrow_cast, cannot_cast, micros, to_time};
use crate::functions::datetime::calendar;
use crate::functions::datetime::style::TextStyle;
use crate::functions::error::{external, sql_err};
use crate::functions::hll::sketch_texts;
use crate::functions::partiql::super_to_text;
use crate::functions::spatial::geometry_texts;

/// Text of any Arrow type as the one that plans use.
pub(crate) fn plain(array: &ArrayRef) -> Result<StringViewArray> {
    Ok(arrow_cast(array, &DataType::Utf8View)?.as_string_view().clone())
}

/// Any array as text, as Redshift prints it in a session of this style. Truth values are refused: Redshift has no such
/// cast.
pub(crate) fn to_text(array: &ArrayRef, style: &TextStyle) -> Result<StringViewArray> {
    Ok(match array.data_type() {
        DataType::Utf8View => array.as_string_view().clone(),
        DataType::LargeUtf8 => super_to_text(array.as_string::<i64>()),
        DataType::Utf8 | DataType::Null | DataType::Dictionary(_, _) => {
            arrow_cast(array, &DataType::Utf8View)?.as_string_view().clone()
        }
        from if from.is_integer() => {
            let integers = arrow_cast(array, &DataType::Int64)?;
            written(integers.as_primitive::<Int64Type>(), |out, value| {
                let _ = write!(out, "{value}");
            })
        }
        DataType::Float32 => written(array.as_primitive::<Float32Type>(), |out, value| {
            out.push_str(&format_double(f64::from(value), style.real_digits()));
        }),
        DataType::Float64 => written(array.as_primitive::<Float64Type>(), |out, value| {
            out.push_str(&format_double(value, style.double_digits()));
        }),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            written(array.as_primitive::<Decimal128Type>(), |out, value| write_decimal(out, value, scale))
        }
        DataType::Date32 => written(array.as_primitive::<Date32Type>(), |out, value| {
            style.write_date(out, value);
        }),
        DataType::Timestamp(_, zone) => {
            let stamps = micros(array)?;
            let stamps = stamps.as_primitive::<TimestampMicrosecondType>();
            match zone {
                None => written(stamps, |out, value| style.write_timestamp(out, value)),
                Some(_) => written(stamps, |out, utc| style.write_timestamptz(out, utc)),
            }
        }
        DataType::Time64(TimeUnit::Nanosecond) => {
            let times = array.as_primitive::<Time64NanosecondType>();
            written(times, |out, nanos| style.write_timetz(out, nanos / 1_000))
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            let times = to_time(array, style)?;
            written(times.as_primitive::<Time64MicrosecondType>(), |out, value| {
                calendar::write_time(out, value)
            })
        }
        DataType::Interval(_) | DataType::Duration(_) => {
            written(&interval_parts(array)?, |out, value| style.write_interval(out, value))
        }
        DataType::LargeBinary => sketch_texts(array),
        DataType::BinaryView => geometry_texts(array),
        DataType::Binary => {
            let bytes = arrow_cast(array, &DataType::Binary)?;
            bytes.as_binary::<i32>().iter().map(|value| value.map(hex::encode)).collect::<StringViewArray>()
        }
        from => return Err(cannot_cast(from, RedshiftType::MAX_VARCHAR)),
    })
}

fn written<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    mut write: impl FnMut(&mut String, T::Native),
) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(array.len());
    let mut text = String::new();
    for value in array {
        match value {
            Some(value) => {
                text.clear();
                write(&mut text, value);
                builder.append_value(&text);
            }
            None => builder.append_null(),
        }
    }
    builder.finish()
}

/// A CHAR holds characters of one byte only (RS 1.12).
pub(super) fn check_single_byte(texts: &StringViewArray) -> Result<()> {
    match texts.iter().flatten().find(|text| !text.is_ascii()) {
        None => Ok(()),
        Some(text) => Err(external(
            SqlError::new(
                SqlState::InvalidTextRepresentation,
                format!("Multibyte character not supported for CHAR: {text}"),
            )
            .with_hint("Try using VARCHAR"),
        )),
    }
}

/// Text cut to a number of bytes at a character boundary, or refused when more than blanks would be
/// lost on assignment (RS 3.3).
pub(super) fn fit_length(texts: StringViewArray, bytes: usize, rule: Rule) -> Result<StringViewArray> {
    let fits = |length: usize| length <= bytes;
    if texts.lengths().all(|length| fits(length as usize)) {
        return Ok(texts);
    }
    let mut builder = StringViewBuilder::with_capacity(texts.len());
    for text in &texts {
        let Some(text) = text else {
            builder.append_null();
            continue;
        };
        if fits(text.len()) {
            builder.append_value(text);
            continue;
        }
        let (kept, lost) = text.split_at(text.floor_char_boundary(bytes));
        if rule == Rule::Assign && lost.bytes().any(|byte| byte != b' ') {
            return Err(sql_err(SqlState::StringDataRightTruncation, "Value too long for character type"));
        }
        builder.append_value(kept);
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewArray;

    use super::fit_length;
    use crate::functions::cast::Rule;

    #[test]
    fn casts_cut_at_a_character_and_assignments_refuse() {
        let texts = || StringViewArray::from(vec!["né", "abc  ", "ok"]);
        let cut = fit_length(texts(), 2, Rule::Cast).expect("cut");
        assert_eq!(cut.iter().flatten().collect::<Vec<_>>(), ["n", "ab", "ok"]);
        assert!(fit_length(texts(), 2, Rule::Assign).is_err());
        let blanks =
            fit_length(StringViewArray::from(vec!["abc  "]), 3, Rule::Assign).expect("blanks are cut");
        assert_eq!(blanks.value(0), "abc");
    }
}
