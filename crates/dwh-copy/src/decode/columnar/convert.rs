//! Columns of files in the table's types, a column at a time.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, StringViewArray, StringViewBuilder, TimestampMicrosecondArray,
};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;
use dwh_common::RedshiftType;

use super::fault::Fault;
use super::json;
use crate::convert::{FieldError, Rules, check_char, varchar_of_bytes};
use crate::load_error::code;
use crate::request::TargetColumn;

/// The array in the column's type; `replaced` gets the rows in which ACCEPTINVCHARS replaced something.
///
/// # Errors
/// The first value that does not fit.
pub(super) fn convert(
    index: usize,
    column: &TargetColumn,
    array: &ArrayRef,
    rules: &Rules,
    replaced: &mut Vec<usize>,
) -> Result<ArrayRef, Fault> {
    let values = Values { index, column, array };
    match column.data_type {
        _ if *array.data_type() == DataType::Null => values.cast(&column.data_type.arrow_type()),
        RedshiftType::SmallInt => values.cast_numbers("Short"),
        RedshiftType::Integer => values.cast_numbers("Integer"),
        RedshiftType::BigInt => values.cast_numbers("Long"),
        RedshiftType::Decimal { .. } => values.cast_numbers("Decimal"),
        RedshiftType::Char(length) => values.char_text(length, rules),
        RedshiftType::Varchar(length) => values.text(length, rules, replaced),
        RedshiftType::HllSketch | RedshiftType::Geometry => values.text(u32::MAX, rules, replaced),
        RedshiftType::Timestamp => values.timestamps(None),
        RedshiftType::TimestampTz => values.timestamps(Some("UTC")),
        RedshiftType::Super => json::convert(array).map_err(|fault| fault.of_column(index)),
        RedshiftType::Varbyte(length) => values.bytes(length),
        RedshiftType::Real
        | RedshiftType::Double
        | RedshiftType::Boolean
        | RedshiftType::Date
        | RedshiftType::Time
        | RedshiftType::TimeTz
        | RedshiftType::Interval(_) => values.cast(&column.data_type.arrow_type()),
    }
}

/// The values of one column.
struct Values<'a> {
    index: usize,
    column: &'a TargetColumn,
    array: &'a ArrayRef,
}

impl Values<'_> {
    fn cast(&self, to: &DataType) -> Result<ArrayRef, Fault> {
        cast(self.array, to).map_err(|error| self.impossible(&error))
    }

    /// The mapping has checked the types: this is a fault of dwh.
    fn impossible(&self, error: &ArrowError) -> Fault {
        Fault { column: Some(self.index), ..Fault::of_file(error.to_string()) }
    }

    /// Numbers, of which one outside the column's range is an error.
    fn cast_numbers(&self, type_name: &str) -> Result<ArrayRef, Fault> {
        let options = CastOptions { safe: true, ..CastOptions::default() };
        let converted = cast_with_options(self.array, &self.column.data_type.arrow_type(), &options)
            .map_err(|error| self.impossible(&error))?;
        if converted.null_count() == self.array.null_count() {
            return Ok(converted);
        }
        let lost = (0..converted.len()).find(|row| converted.is_null(*row) && self.array.is_valid(*row));
        Err(self.fault(lost.unwrap_or_default(), FieldError::overflow(type_name)))
    }

    /// Moments; a zone of the file says how they were written, not which they are.
    fn timestamps(&self, zone: Option<&str>) -> Result<ArrayRef, Fault> {
        let zoneless = match self.array.data_type() {
            DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, None),
            other => other.clone(),
        };
        let moments = reinterpret(self.array, zoneless).map_err(|error| self.impossible(&error))?;
        let moments = cast(&moments, &DataType::Timestamp(TimeUnit::Microsecond, None))
            .map_err(|error| self.impossible(&error))?;
        let moments: TimestampMicrosecondArray = moments.as_primitive::<TimestampMicrosecondType>().clone();
        Ok(Arc::new(moments.with_timezone_opt(zone)))
    }

    fn text(&self, length_bytes: u32, rules: &Rules, replaced: &mut Vec<usize>) -> Result<ArrayRef, Fault> {
        let text = match rules.accept_invalid_chars {
            Some(_) => self.replace_invalid(rules, replaced)?,
            None => self.valid_text(rules)?,
        };
        self.check_lengths(&text, length_bytes)?;
        Ok(Arc::new(text))
    }

    /// CHAR holds ASCII only (RS 1.12).
    fn char_text(&self, length_bytes: u32, rules: &Rules) -> Result<ArrayRef, Fault> {
        let text = self.valid_text(rules)?;
        if !text.is_ascii() {
            for (row, value) in text.iter().enumerate() {
                check_char(value.unwrap_or_default(), rules).map_err(|error| self.fault(row, error))?;
            }
        }
        self.check_lengths(&text, length_bytes)?;
        Ok(Arc::new(text))
    }

    /// Text as it is, which must be UTF-8.
    fn valid_text(&self, rules: &Rules) -> Result<StringViewArray, Fault> {
        if self.array.data_type().is_binary() {
            let bytes = self.binary()?;
            for (row, value) in bytes.iter().enumerate() {
                let value = value.unwrap_or_default();
                if std::str::from_utf8(value).is_err() {
                    // Of CHAR nothing is replaced.
                    let strict = Rules { accept_invalid_chars: None, ..rules.clone() };
                    varchar_of_bytes(value, &strict).map_err(|error| self.fault(row, error))?;
                }
            }
        }
        let text = self.cast(&DataType::Utf8View)?;
        Ok(text.as_string_view().clone())
    }

    fn replace_invalid(&self, rules: &Rules, replaced: &mut Vec<usize>) -> Result<StringViewArray, Fault> {
        let bytes = self.binary()?;
        let mut builder = StringViewBuilder::with_capacity(bytes.len());
        for (row, value) in bytes.iter().enumerate() {
            let Some(value) = value else {
                builder.append_null();
                continue;
            };
            let (text, changed) = varchar_of_bytes(value, rules).map_err(|error| self.fault(row, error))?;
            if changed {
                replaced.push(row);
            }
            builder.append_value(text);
        }
        Ok(builder.finish())
    }

    fn binary(&self) -> Result<BinaryViewArray, Fault> {
        Ok(self.cast(&DataType::BinaryView)?.as_binary_view().clone())
    }

    fn check_lengths(&self, text: &StringViewArray, length_bytes: u32) -> Result<(), Fault> {
        // The lower half of a view is its length; a NULL's means nothing.
        if text.views().iter().all(|view| *view as u32 <= length_bytes) {
            return Ok(());
        }
        self.refuse_too_long(text.iter().map(|value| value.map(str::len)), length_bytes)
    }

    fn bytes(&self, length_bytes: u32) -> Result<ArrayRef, Fault> {
        let bytes = self.cast(&DataType::Binary)?;
        let lengths = bytes.as_binary::<i32>().iter().map(|value| value.map(<[u8]>::len));
        self.refuse_too_long(lengths, length_bytes)?;
        Ok(bytes)
    }

    fn refuse_too_long(
        &self,
        mut lengths: impl Iterator<Item = Option<usize>>,
        length_bytes: u32,
    ) -> Result<(), Fault> {
        let mut length = 0;
        let too_long = lengths.position(|value| {
            length = value.unwrap_or_default();
            length > length_bytes as usize
        });
        let Some(row) = too_long else { return Ok(()) };
        let reason = format!(
            "The length of the data column {} is longer than the length defined in the table. Table: \
             {length_bytes}, Data: {length}",
            self.column.name,
        );
        Err(self.fault(row, FieldError::new(code::SPECTRUM_SCAN, reason)))
    }

    fn fault(&self, row: usize, error: FieldError) -> Fault {
        let value = match self.array.data_type().is_binary() {
            true => self.binary().map(|bytes| bytes.value(row).to_vec()).unwrap_or_default(),
            false => array_value_to_string(self.array, row).unwrap_or_default().into_bytes(),
        };
        Fault::of_value(self.index, row, error, value)
    }
}

/// The same numbers under another type of the same width.
fn reinterpret(array: &ArrayRef, data_type: DataType) -> Result<ArrayRef, ArrowError> {
    let data = array.to_data().into_builder().data_type(data_type).build()?;
    Ok(arrow::array::make_array(data))
}
