//! Conversion of whole arrays between Redshift types, by Redshift's rules (RS 3.3, RS 4.1).
//!
//! Used by CAST, by assignment to columns, and by every function that reads its arguments. The
//! result always has the target's Arrow type.

mod attempt;
mod decimal;
mod function;
mod interval;
mod number;
mod text;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, PrimitiveArray, StringViewArray,
    TimestampMicrosecondArray, cast::AsArray, new_null_array,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Int64Type, Time64MicrosecondType, Time64NanosecondType, TimeUnit,
    TimestampMicrosecondType,
};
use arrow::util::display::FormatOptions;
use chrono::Utc;
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlError, SqlState};

use super::datetime::style::TextStyle;
use super::datetime::zone::Zone;
use super::datetime::{calendar, parse};
use super::error::sql_err;
use super::hll::to_sketch;
use super::options::RedshiftOptions;
use super::partiql::{from_super, to_super};
use super::spatial::to_geometry;
use super::varbyte::{bytes_as_integers, bytes_as_text, integers_as_bytes};
use crate::column_text::ColumnText;

pub(crate) use attempt::one_by_one;
pub(crate) use decimal::{check_precision, overflow as decimal_overflow, rescale};
pub(crate) use function::{assign_to, cast_to, functions, truncate_to, try_cast_to};
pub(crate) use interval::{interval_parts, stored};
pub(crate) use text::to_text;

/// What a conversion does where a value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// An explicit cast: over-long text is cut.
    Cast,
    /// As `Cast`, and what does not fit is NULL.
    Try,
    /// Assignment to a column: over-long text is an error unless only blanks are cut.
    Assign,
    /// As the implicit cast of text under SUM and arithmetic: excess digits are dropped, not rounded.
    Truncate,
}

/// An array converted to a Redshift type, SUPER values laxly.
pub(crate) fn convert(array: &ArrayRef, to: RedshiftType, rule: Rule) -> Result<ArrayRef> {
    convert_with(array, to, rule, &RedshiftOptions::default())
}

/// An array converted to a Redshift type as the session's settings say.
pub(crate) fn convert_with(
    array: &ArrayRef,
    to: RedshiftType,
    rule: Rule,
    options: &RedshiftOptions,
) -> Result<ArrayRef> {
    let from = array.data_type();
    if *from == DataType::Null {
        return Ok(new_null_array(&to.planned_type(), array.len()));
    }
    if rule == Rule::Try {
        return attempt::attempt(array, to, options);
    }
    if *from == RedshiftType::Super.planned_type() && to != RedshiftType::Super {
        return from_super(array, to, rule, options);
    }
    if let DataType::Dictionary(_, value) = from {
        return convert_with(&arrow_cast(array, value)?, to, rule, options);
    }
    // The guide's page enable_numeric_rounding.
    let cuts = rule == Rule::Cast && !options.enable_numeric_rounding && from.is_decimal();
    let rule = if cuts { Rule::Truncate } else { rule };
    let style = options.text_style();
    match to {
        RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt
            if *from == DataType::Binary =>
        {
            bytes_as_integers(array, to)
        }
        RedshiftType::Char(_) | RedshiftType::Varchar(_) if *from == DataType::Binary => {
            convert_with(&bytes_as_text(array)?, to, rule, options)
        }
        RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt => {
            number::to_integer(array, to, rule)
        }
        RedshiftType::Decimal { precision, scale } => decimal::to_decimal(array, precision, scale, rule),
        RedshiftType::Real | RedshiftType::Double => number::to_float(array, to),
        RedshiftType::Boolean => to_boolean(array),
        RedshiftType::Char(bytes) | RedshiftType::Varchar(bytes) => {
            if *from == DataType::Boolean {
                return Err(cannot_cast(from, to));
            }
            let texts = to_text(array, &style)?;
            if rule == Rule::Assign && matches!(to, RedshiftType::Char(_)) {
                text::check_single_byte(&texts)?;
            }
            Ok(Arc::new(text::fit_length(texts, bytes as usize, rule)?))
        }
        RedshiftType::Super => to_super(array),
        RedshiftType::HllSketch => to_sketch(array),
        RedshiftType::Geometry => to_geometry(array),
        RedshiftType::Date => to_date(array, &style),
        RedshiftType::Time => to_time(array, &style),
        RedshiftType::TimeTz => to_timetz(array, &style),
        RedshiftType::Interval(unit) => {
            interval::to_interval(array, unit, options.interval_forbid_composite_literals)
        }
        RedshiftType::Timestamp | RedshiftType::TimestampTz => to_timestamp(array, to, &style),
        RedshiftType::Varbyte(_) => to_varbyte(array, to),
    }
}

/// A column of a result as clients of a session of this style get it in text: truth values are `t` and `f`.
///
/// # Errors
/// The column is of a type that Redshift has not.
pub fn text_of(array: &ArrayRef, style: &TextStyle) -> std::result::Result<StringViewArray, SqlError> {
    if *array.data_type() == DataType::Boolean {
        let letter = |value: Option<bool>| value.map(|value| if value { "t" } else { "f" });
        return Ok(array.as_boolean().iter().map(letter).collect());
    }
    if let DataType::List(_) = array.data_type() {
        let refused = |error: arrow::error::ArrowError| SqlError::internal(error.to_string());
        let column = ColumnText::new(array, style).map_err(refused)?;
        return (0..array.len()).map(|row| column.get(row).map_err(refused)).collect();
    }
    to_text(array, style).map_err(|error| crate::error::from_datafusion(&error, ""))
}

/// 42846 in PostgreSQL's words.
pub(crate) fn cannot_cast(from: &DataType, to: RedshiftType) -> DataFusionError {
    let name = |known: RedshiftType| match known {
        RedshiftType::Varchar(_) => "character varying".to_owned(),
        RedshiftType::Char(_) => "character".to_owned(),
        RedshiftType::Decimal { .. } => "numeric".to_owned(),
        other => other.to_string(),
    };
    let from = RedshiftType::of_arrow(from).map_or_else(|| from.to_string(), name);
    sql_err(SqlState::CannotCoerce, format!("cannot cast type {from} to {}", name(to)))
}

/// Arrow's own conversion, for pairs where it means the same; fails instead of making NULLs.
fn arrow_cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: false, format_options: FormatOptions::default() };
    Ok(cast_with_options(array, to, &options)?)
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::Utf8View)
}

fn to_boolean(array: &ArrayRef) -> Result<ArrayRef> {
    let from = array.data_type();
    if *from == DataType::Boolean {
        return Ok(Arc::clone(array));
    }
    if is_text(from) {
        let texts = text::plain(array)?;
        let values = texts
            .iter()
            .map(|text| text.map(number::parse_boolean).transpose())
            .collect::<Result<Vec<_>>>()?;
        return Ok(Arc::new(BooleanArray::from(values)));
    }
    if from.is_integer() {
        let integers = arrow_cast(array, &DataType::Int64)?;
        return Ok(Arc::new(
            integers.as_primitive::<Int64Type>().iter().map(|n| n.map(|n| n != 0)).collect::<BooleanArray>(),
        ));
    }
    Err(cannot_cast(from, RedshiftType::Boolean))
}

/// Local time in the session's zone.
fn local_micros(array: &ArrayRef, style: &TextStyle) -> Result<TimestampMicrosecondArray> {
    let stamps = micros(array)?.as_primitive::<TimestampMicrosecondType>().clone();
    Ok(match array.data_type() {
        DataType::Timestamp(_, Some(_)) if style.zone != Zone::UTC => {
            stamps.unary(|utc| style.zone.local_of_utc(utc))
        }
        _ => stamps,
    })
}

/// What is read from each text.
fn read<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    style: &TextStyle,
    value: fn(&str, &TextStyle) -> Result<T::Native>,
) -> Result<PrimitiveArray<T>> {
    let texts = text::plain(array)?;
    texts.iter().map(|text| text.map(|text| value(text, style)).transpose()).collect()
}

fn to_date(array: &ArrayRef, style: &TextStyle) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Date32 => Ok(Arc::clone(array)),
        DataType::Timestamp(_, _) => {
            Ok(Arc::new(local_micros(array, style)?.unary::<_, Date32Type>(calendar::days_of_micros)))
        }
        from if is_text(from) => Ok(Arc::new(read::<Date32Type>(array, style, parse::date)?)),
        from => Err(cannot_cast(from, RedshiftType::Date)),
    }
}

fn to_timestamp(array: &ArrayRef, to: RedshiftType, style: &TextStyle) -> Result<ArrayRef> {
    let zoned = to == RedshiftType::TimestampTz;
    let of_local = |local: TimestampMicrosecondArray| match zoned && style.zone != Zone::UTC {
        true => local.unary(|local| style.zone.utc_of_local(local)),
        false => local,
    };
    let stamps: TimestampMicrosecondArray = match array.data_type() {
        DataType::Timestamp(_, Some(_)) if zoned => {
            micros(array)?.as_primitive::<TimestampMicrosecondType>().clone()
        }
        DataType::Timestamp(_, _) => of_local(local_micros(array, style)?),
        DataType::Date32 => of_local(array.as_primitive::<Date32Type>().unary(calendar::micros_of_days)),
        from if is_text(from) && zoned => read(array, style, parse::timestamptz)?,
        from if is_text(from) => read(array, style, parse::timestamp)?,
        from => return Err(cannot_cast(from, to)),
    };
    Ok(Arc::new(stamps.with_data_type(to.arrow_type())))
}

fn to_time(array: &ArrayRef, style: &TextStyle) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Time64(TimeUnit::Nanosecond) => {
            let offset = style.zone.offset_at(Utc::now().timestamp_micros()) * calendar::MICROS_PER_SECOND;
            let local = |utc: i64| (utc / 1_000 + offset).rem_euclid(calendar::MICROS_PER_DAY);
            Ok(Arc::new(
                array.as_primitive::<Time64NanosecondType>().unary::<_, Time64MicrosecondType>(local),
            ))
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            arrow_cast(array, &DataType::Time64(TimeUnit::Microsecond))
        }
        DataType::Timestamp(_, _) => {
            let of_day = |stamp: i64| stamp.rem_euclid(calendar::MICROS_PER_DAY);
            Ok(Arc::new(local_micros(array, style)?.unary::<_, Time64MicrosecondType>(of_day)))
        }
        from if is_text(from) => Ok(Arc::new(read::<Time64MicrosecondType>(array, style, parse::time)?)),
        from => Err(cannot_cast(from, RedshiftType::Time)),
    }
}

/// TIMETZ: the time of day in UTC, in nanoseconds as plans hold it.
fn to_timetz(array: &ArrayRef, style: &TextStyle) -> Result<ArrayRef> {
    let micros: PrimitiveArray<Time64MicrosecondType> = match array.data_type() {
        DataType::Time64(TimeUnit::Nanosecond) => return Ok(Arc::clone(array)),
        DataType::Time64(TimeUnit::Microsecond) => {
            let offset = style.zone.offset_at(Utc::now().timestamp_micros()) * calendar::MICROS_PER_SECOND;
            let utc = |local: i64| (local - offset).rem_euclid(calendar::MICROS_PER_DAY);
            array.as_primitive::<Time64MicrosecondType>().unary(utc)
        }
        DataType::Timestamp(_, Some(_)) => {
            let of_day = |utc: i64| utc.rem_euclid(calendar::MICROS_PER_DAY);
            micros(array)?.as_primitive::<TimestampMicrosecondType>().unary(of_day)
        }
        from if is_text(from) => read(array, style, parse::timetz)?,
        from => return Err(cannot_cast(from, RedshiftType::TimeTz)),
    };
    Ok(Arc::new(micros.unary::<_, Time64NanosecondType>(|micros| micros * 1_000)))
}

/// A timestamp array of any unit, with or without a zone, in microseconds.
fn micros(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) => Ok(Arc::clone(array)),
        DataType::Timestamp(_, zone) => {
            arrow_cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))
        }
        other => Err(cannot_cast(other, RedshiftType::Timestamp)),
    }
}

fn to_varbyte(array: &ArrayRef, to: RedshiftType) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Binary => Ok(Arc::clone(array)),
        DataType::LargeBinary => arrow_cast(array, &DataType::Binary),
        from if is_text(from) => {
            let texts = text::plain(array)?;
            Ok(Arc::new(texts.iter().map(|text| text.map(str::as_bytes)).collect::<BinaryArray>()))
        }
        from if from.is_integer() => integers_as_bytes(array),
        from => Err(cannot_cast(from, to)),
    }
}
