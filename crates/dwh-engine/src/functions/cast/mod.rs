//! Conversion of whole arrays between Redshift types, by Redshift's rules (RS 3.3, RS 4.1).
//!
//! Used by CAST, by assignment to columns, and by every function that reads its arguments. The
//! result always has the target's Arrow type.

mod decimal;
mod function;
mod number;
mod text;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, StringViewArray, cast::AsArray, new_null_array,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::util::display::FormatOptions;
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlError, SqlState};

use super::datetime::{calendar, parse};
use super::error::sql_err;
use super::options::RedshiftOptions;
use super::partiql::{from_super, to_super};
use super::varbyte::{bytes_as_integers, bytes_as_text, integers_as_bytes};

pub(crate) use decimal::{check_precision, overflow as decimal_overflow, rescale};
pub(crate) use function::{assign_to, cast_to, functions, truncate_to};
pub(crate) use text::to_text;

/// What a conversion does where a value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// An explicit cast: over-long text is cut.
    Cast,
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
    if *from == RedshiftType::Super.planned_type() && to != RedshiftType::Super {
        return from_super(array, to, rule, options.cast_super_null_on_error);
    }
    if let DataType::Dictionary(_, value) = from {
        return convert_with(&arrow_cast(array, value)?, to, rule, options);
    }
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
            number::to_integer(array, to)
        }
        RedshiftType::Decimal { precision, scale } => decimal::to_decimal(array, precision, scale, rule),
        RedshiftType::Real | RedshiftType::Double => number::to_float(array, to),
        RedshiftType::Boolean => to_boolean(array),
        RedshiftType::Char(bytes) | RedshiftType::Varchar(bytes) => {
            if *from == DataType::Boolean {
                return Err(cannot_cast(from, to));
            }
            let texts = to_text(array)?;
            if rule == Rule::Assign && matches!(to, RedshiftType::Char(_)) {
                text::check_single_byte(&texts)?;
            }
            Ok(Arc::new(text::fit_length(texts, bytes as usize, rule)?))
        }
        RedshiftType::Super => to_super(array),
        RedshiftType::Date => to_date(array),
        RedshiftType::Time => to_time(array),
        RedshiftType::Timestamp | RedshiftType::TimestampTz => to_timestamp(array, to),
        RedshiftType::Varbyte(_) => to_varbyte(array, to),
    }
}

/// A column of a result as clients get it in text: truth values are `t` and `f`.
///
/// # Errors
/// The column is of a type that Redshift has not.
pub fn text_of(array: &ArrayRef) -> std::result::Result<StringViewArray, SqlError> {
    if *array.data_type() == DataType::Boolean {
        let letter = |value: Option<bool>| value.map(|value| if value { "t" } else { "f" });
        return Ok(array.as_boolean().iter().map(letter).collect());
    }
    to_text(array).map_err(|error| crate::error::from_datafusion(&error, ""))
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
        let texts = to_text(array)?;
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

fn to_date(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Date32 => Ok(Arc::clone(array)),
        DataType::Timestamp(_, _) => {
            let stamps = micros(array)?;
            Ok(Arc::new(
                stamps
                    .as_primitive::<TimestampMicrosecondType>()
                    .unary::<_, Date32Type>(calendar::days_of_micros),
            ))
        }
        from if is_text(from) => {
            let texts = to_text(array)?;
            let values =
                texts.iter().map(|text| text.map(parse::date).transpose()).collect::<Result<Vec<_>>>()?;
            Ok(Arc::new(arrow::array::Date32Array::from(values)))
        }
        from => Err(cannot_cast(from, RedshiftType::Date)),
    }
}

fn to_timestamp(array: &ArrayRef, to: RedshiftType) -> Result<ArrayRef> {
    let target = to.arrow_type();
    let stamps = match array.data_type() {
        DataType::Timestamp(_, _) => micros(array)?.as_primitive::<TimestampMicrosecondType>().clone(),
        DataType::Date32 => {
            array.as_primitive::<Date32Type>().unary::<_, TimestampMicrosecondType>(calendar::micros_of_days)
        }
        from if is_text(from) => {
            let texts = to_text(array)?;
            let read = if to == RedshiftType::TimestampTz { parse::timestamptz } else { parse::timestamp };
            let values = texts.iter().map(|text| text.map(read).transpose()).collect::<Result<Vec<_>>>()?;
            arrow::array::TimestampMicrosecondArray::from(values)
        }
        from => return Err(cannot_cast(from, to)),
    };
    Ok(Arc::new(stamps.with_data_type(target)))
}

fn to_time(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Time32(_) | DataType::Time64(_) => {
            arrow_cast(array, &DataType::Time64(TimeUnit::Microsecond))
        }
        DataType::Timestamp(_, _) => Ok(Arc::new(
            micros(array)?
                .as_primitive::<TimestampMicrosecondType>()
                .unary::<_, Time64MicrosecondType>(|stamp| stamp.rem_euclid(calendar::MICROS_PER_DAY)),
        )),
        from if is_text(from) => {
            let texts = to_text(array)?;
            let values =
                texts.iter().map(|text| text.map(parse::time).transpose()).collect::<Result<Vec<_>>>()?;
            Ok(Arc::new(arrow::array::Time64MicrosecondArray::from(values)))
        }
        from => Err(cannot_cast(from, RedshiftType::Time)),
    }
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
        DataType::LargeBinary | DataType::BinaryView => arrow_cast(array, &DataType::Binary),
        from if is_text(from) => {
            let texts = to_text(array)?;
            Ok(Arc::new(texts.iter().map(|text| text.map(str::as_bytes)).collect::<BinaryArray>()))
        }
        from if from.is_integer() => integers_as_bytes(array),
        from => Err(cannot_cast(from, to)),
    }
}
