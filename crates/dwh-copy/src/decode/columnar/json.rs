//! SERIALIZETOJSON: values of any type, nested ones too, as SUPER (RS 1.2).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};

use serde::de::IgnoredAny;

use super::fault::Fault;
use crate::load_error::code;

/// The longest string within SUPER (RS 1.5, 2.3).
const MAX_STRING_BYTES: usize = 65_535;

/// What cannot be SUPER.
pub(super) struct JsonFault {
    code: i32,
    row: Option<usize>,
    reason: String,
}

impl JsonFault {
    pub(super) fn of_column(self, column: usize) -> Fault {
        let Self { code, row, reason } = self;
        Fault { code, column: Some(column), row, reason, value: Vec::new() }
    }
}

impl From<ArrowError> for JsonFault {
    fn from(error: ArrowError) -> Self {
        Self { code: code::SPECTRUM_SCAN, row: None, reason: error.to_string() }
    }
}

/// Each value as JSON text; SQL NULL stays NULL, NULL within a value is `null`.
pub(super) fn convert(array: &ArrayRef) -> Result<ArrayRef, JsonFault> {
    if let Some(row) = (0..array.len()).find(|row| has_long_string(array, *row)) {
        let reason = format!("String value exceeds the max size of {MAX_STRING_BYTES} bytes");
        return Err(JsonFault { code: code::SUPER, row: Some(row), reason });
    }
    let field = Arc::new(Field::new("", array.data_type().clone(), true));
    let options = EncoderOptions::default()
        .with_explicit_nulls(true)
        .with_timestamp_format("%Y-%m-%d %H:%M:%S%.f".to_owned())
        .with_timestamp_tz_format("%Y-%m-%d %H:%M:%S%.f%:z".to_owned());
    let mut encoder = make_encoder(&field, array.as_ref(), &options)?;
    let mut builder = StringViewBuilder::with_capacity(array.len());
    let mut text = Vec::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        text.clear();
        encoder.encode(row, &mut text);
        let text = std::str::from_utf8(&text).map_err(|error| JsonFault {
            row: Some(row),
            ..ArrowError::from_external_error(error.into()).into()
        })?;
        builder.append_value(text);
    }
    Ok(Arc::new(builder.finish()))
}

/// Text that is JSON, as SUPER: what UNLOAD wrote of SUPER comes back equal.
pub(super) fn parsed(array: &ArrayRef) -> Result<ArrayRef, JsonFault> {
    let text = cast(array, &DataType::Utf8View)?;
    for (row, value) in text.as_string_view().iter().enumerate() {
        if value.is_some_and(|value| serde_json::from_str::<IgnoredAny>(value).is_err()) {
            let reason = "Invalid JSON for a column of type SUPER".to_owned();
            return Err(JsonFault { code: code::SUPER, row: Some(row), reason });
        }
    }
    Ok(text)
}

/// Whether a string in the value, however deep, is longer than SUPER takes.
fn has_long_string(array: &dyn Array, row: usize) -> bool {
    if array.is_null(row) {
        return false;
    }
    let any = |items: &ArrayRef| (0..items.len()).any(|item| has_long_string(items, item));
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).len() > MAX_STRING_BYTES,
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).len() > MAX_STRING_BYTES,
        DataType::Utf8View => array.as_string_view().value(row).len() > MAX_STRING_BYTES,
        DataType::Struct(_) => array.as_struct().columns().iter().any(|column| has_long_string(column, row)),
        DataType::List(_) => any(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => any(&array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => any(&array.as_fixed_size_list().value(row)),
        DataType::Map(..) => array.as_map().value(row).columns().iter().any(any),
        _ => false,
    }
}
