//! Conversion of whole arrays to SUPER and from it (AWS guide, "Limitations" of SUPER, "SUPER
//! configurations").

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, LargeStringArray, LargeStringBuilder, StringViewArray, StringViewBuilder,
};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use super::number::Number;
use super::value::{Value, write_text};
use crate::functions::cast::{Rule, cannot_cast, convert_with, one_by_one, to_text};
use crate::functions::datetime::style::TextStyle;
use crate::functions::error::sql_err;
use crate::functions::options::RedshiftOptions;

/// An array as SUPER: text becomes a string, numbers and truth values stay what they are. Dates and times
/// are refused, as Redshift does.
pub(crate) fn to_super(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::LargeUtf8 => Ok(Arc::clone(array)),
        DataType::Date32
        | DataType::Timestamp(_, _)
        | DataType::Time64(_)
        | DataType::Interval(_)
        | DataType::Duration(_)
        | DataType::Binary => Err(cannot_cast(array.data_type(), RedshiftType::Super)),
        _ => as_json(array),
    }
}

/// The same for the elements of ARRAY and OBJECT, where dates and times are strings.
pub(crate) fn to_element(array: &ArrayRef) -> Result<LargeStringArray> {
    let json = match array.data_type() {
        DataType::LargeUtf8 => Arc::clone(array),
        _ => as_json(array)?,
    };
    Ok(json.as_string::<i64>().clone())
}

fn as_json(array: &ArrayRef) -> Result<ArrayRef> {
    let mut builder = LargeStringBuilder::with_capacity(array.len(), array.len() * 8);
    if let DataType::Boolean = array.data_type() {
        for value in array.as_boolean() {
            builder.append_option(value.map(|value| if value { "true" } else { "false" }));
        }
        return Ok(Arc::new(builder.finish()));
    }
    let is_number = array.data_type().is_numeric();
    let mut json = String::new();
    for text in &to_text(array, &TextStyle::default())? {
        match text {
            None => builder.append_null(),
            Some(text) if is_number && text.parse::<f64>().is_ok_and(f64::is_finite) => {
                builder.append_value(text)
            }
            Some(text) => {
                json.clear();
                write_text(text, &mut json);
                builder.append_value(&json);
            }
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// SUPER as another type: by its dynamic type, and NULL where that does not go (lax), or an error (strict,
/// `cast_super_null_on_error` off).
pub(crate) fn from_super(
    array: &ArrayRef,
    to: RedshiftType,
    rule: Rule,
    options: &RedshiftOptions,
) -> Result<ArrayRef> {
    let lax = options.cast_super_null_on_error;
    let values = array.as_string::<i64>();
    let texts: StringViewArray = values
        .iter()
        .map(|value| value.map_or(Ok(None), |value| scalar_text(&Value::of_stored(value), to, lax)))
        .collect::<Result<_>>()?;
    let texts: ArrayRef = Arc::new(texts);
    match convert_with(&texts, to, rule, options) {
        Err(_) if lax => one_by_one(&texts, to, rule, options),
        converted => converted,
    }
}

/// SUPER as text: strings without quotes, other scalars as they print, NULL for arrays and objects.
pub(crate) fn super_to_text(array: &LargeStringArray) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(array.len());
    for value in array {
        let text = value.and_then(|value| {
            scalar_text(&Value::of_stored(value), RedshiftType::MAX_VARCHAR, true).unwrap_or_default()
        });
        builder.append_option(text);
    }
    builder.finish()
}

/// SUPER as it leaves a plan: its JSON text without blanks.
pub(crate) fn stored_super(array: &ArrayRef) -> ArrayRef {
    let texts = array.as_string::<i64>();
    // Values made here have none; loaded documents may.
    let may_have_blanks = |json: &str| json.bytes().any(|byte| byte.is_ascii_whitespace());
    let mut builder = StringViewBuilder::with_capacity(array.len());
    for json in texts {
        match json {
            Some(json) if may_have_blanks(json) => builder.append_value(Value::of_stored(json).to_json()),
            json => builder.append_option(json),
        }
    }
    Arc::new(builder.finish())
}

/// The text from which a scalar is read as `to`.
fn scalar_text(value: &Value<'_>, to: RedshiftType, lax: bool) -> Result<Option<String>> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::Text(text) => text.to_string(),
        Value::Number(digits) if to.is_integer() => match Number::parse(digits) {
            Some(number) => match number.rounded()?.into_value() {
                Value::Number(whole) => whole.into_owned(),
                _ => return Ok(None),
            },
            None => return Ok(None),
        },
        // Only whole numbers are truth values.
        Value::Number(digits) if to == RedshiftType::Boolean => match Number::parse(digits) {
            Some(number) if number.is_whole() => (number.as_double() != 0.0).to_string(),
            _ => return mismatch(value, to, lax),
        },
        Value::Number(digits) => digits.to_string(),
        Value::Boolean(value) if to.is_integer() => u8::from(*value).to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Array(_) | Value::Object(_) => return mismatch(value, to, lax),
    };
    Ok(Some(text))
}

fn mismatch(value: &Value<'_>, to: RedshiftType, lax: bool) -> Result<Option<String>> {
    if lax {
        return Ok(None);
    }
    let found = value.type_name();
    Err(sql_err(SqlState::CannotCoerce, format!("cannot cast a SUPER value of type {found} to {to}")))
}
