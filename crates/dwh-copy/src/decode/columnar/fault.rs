//! What is wrong with a file of columns, in the words of Redshift's scan layer (RS 1.9, 2.4).

use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use dwh_common::RedshiftType;

use super::ColumnarFormat;
use crate::convert::FieldError;
use crate::load_error::code;

/// Why a file cannot be loaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: i32,
    /// Index of the table's column.
    pub(super) column: Option<usize>,
    /// Row of the batch.
    pub(super) row: Option<usize>,
    pub(super) reason: String,
    /// The value, as text.
    pub(super) value: Vec<u8>,
}

impl Fault {
    pub(super) fn of_file(reason: String) -> Self {
        Self { code: code::SPECTRUM_SCAN, column: None, row: None, reason, value: Vec::new() }
    }

    pub(super) fn unreadable(format: ColumnarFormat, error: &ArrowError) -> Self {
        let name = match format {
            ColumnarFormat::Parquet => "Parquet",
            ColumnarFormat::Orc => "ORC",
        };
        let text = match error {
            ArrowError::ParquetError(text) => text.clone(),
            ArrowError::ExternalError(source) => source.to_string(),
            other => other.to_string(),
        };
        if text.contains("UTF-8") || text.contains("UTF8") || text.contains("utf-8") {
            return Self {
                code: code::UTF8,
                ..Self::of_file("String contains invalid or unsupported UTF8 codepoints.".to_owned())
            };
        }
        Self::of_file(format!("The file cannot be read as {name}: {text}"))
    }

    pub(super) fn unmatched_columns(table_columns: usize, data_columns: usize) -> Self {
        Self::of_file(format!(
            "Unmatched number of columns between table and file. Table columns: {table_columns}, \
             Data columns: {data_columns}"
        ))
    }

    pub(super) fn incompatible(column: usize, field: &Field, target: RedshiftType) -> Self {
        let reason = format!(
            "The file has an incompatible schema for column '{}'. Column type: {target}, File type: {}",
            field.name(),
            type_name(field.data_type()),
        );
        Self { column: Some(column), ..Self::of_file(reason) }
    }

    pub(super) fn of_value(column: usize, row: usize, error: FieldError, value: Vec<u8>) -> Self {
        Self { code: error.code, column: Some(column), row: Some(row), reason: error.reason.into(), value }
    }
}

/// `decimal(10,2)`, `list<int64>`: what people call the type.
fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "binary".to_owned()
        }
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone".to_owned(),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            format!("decimal({precision},{scale})")
        }
        DataType::List(item) | DataType::LargeList(item) => format!("list<{}>", type_name(item.data_type())),
        DataType::Struct(_) => "struct".to_owned(),
        DataType::Map(..) => "map".to_owned(),
        other => other.to_string().to_ascii_lowercase(),
    }
}

/// How the scan layer names an object of S3 (RS 1.9); other names are as they are.
pub(super) fn spectrum_url(url: &str, region: &str) -> String {
    let Some(object) = url.strip_prefix("s3://") else { return url.to_owned() };
    let mut text = format!("https://s3.{region}.amazonaws.com/");
    for byte in object.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::spectrum_url;

    #[test]
    fn objects_are_named_by_https_with_escapes() {
        assert_eq!(
            spectrum_url("s3://bucket/year=2018/part 0.parquet", "us-west-2"),
            "https://s3.us-west-2.amazonaws.com/bucket/year%3D2018/part%200.parquet"
        );
        assert_eq!(spectrum_url("/data/a=1.parquet", "us-west-2"), "/data/a=1.parquet");
    }
}
