//! Values as the API writes them (RS 7.4), and the columns that they are in.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch,
    StringViewArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, SchemaRef};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use dwh_common::{RedshiftType, SqlError, csv_field};
use dwh_engine::{TextStyle, text_of};
use serde::Serialize;

use crate::statements::ResultFormat;

/// A column of a result or a table.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ColumnMetadata {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) type_name: String,
    pub(crate) length: i64,
    pub(crate) precision: i64,
    pub(crate) scale: i64,
    /// 0 if it has no NULL, 1 if it may.
    pub(crate) nullable: i64,
    pub(crate) is_case_sensitive: bool,
    pub(crate) is_currency: bool,
    pub(crate) is_signed: bool,
    pub(crate) schema_name: String,
    pub(crate) table_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column_default: Option<String>,
}

impl ColumnMetadata {
    /// A column of a result.
    pub(crate) fn of_field(field: &Field) -> Self {
        let data_type = RedshiftType::of_field(field).unwrap_or(RedshiftType::MAX_VARCHAR);
        let (precision, scale) = digits(data_type);
        Self {
            name: field.name().clone(),
            label: field.name().clone(),
            nullable: 1,
            is_case_sensitive: data_type.is_text(),
            is_signed: is_signed(data_type),
            precision,
            scale,
            type_name: type_name(data_type).to_owned(),
            ..Self::default()
        }
    }
}

/// Digits in all and behind the point, as JDBC tells them; of text, its longest length.
fn digits(data_type: RedshiftType) -> (i64, i64) {
    match data_type {
        RedshiftType::SmallInt => (5, 0),
        RedshiftType::Integer => (10, 0),
        RedshiftType::BigInt => (19, 0),
        RedshiftType::Real => (8, 8),
        RedshiftType::Double => (17, 17),
        RedshiftType::Decimal { precision, scale } => (precision.into(), scale.into()),
        RedshiftType::Char(bytes) | RedshiftType::Varchar(bytes) | RedshiftType::Varbyte(bytes) => {
            (bytes.into(), 0)
        }
        _ => (0, 0),
    }
}

/// The type's name in `pg_type` (RS 5.5).
pub(crate) fn type_name(data_type: RedshiftType) -> &'static str {
    match data_type {
        RedshiftType::Char(_) => "bpchar",
        other => other.short_name(),
    }
}

/// Whether numbers of a type have a sign.
pub(crate) fn is_signed(data_type: RedshiftType) -> bool {
    use RedshiftType::{Decimal, Double, Real};
    data_type.is_integer() || matches!(data_type, Decimal { .. } | Real | Double)
}

/// A column of a batch, in the form that its fields are written from.
pub(crate) enum Column {
    Boolean(BooleanArray),
    Long(Int64Array),
    Double(Float64Array),
    Blob(BinaryArray),
    Text(StringViewArray),
}

impl Column {
    fn new(array: &ArrayRef, field: &Field, style: &TextStyle) -> Result<Self, SqlError> {
        let as_type = |wanted: &DataType| {
            cast(array, wanted)
                .map_err(|error| SqlError::internal(format!("a column of the result: {error}")))
        };
        Ok(match RedshiftType::of_field(field) {
            Some(RedshiftType::Boolean) => Self::Boolean(as_type(&DataType::Boolean)?.as_boolean().clone()),
            Some(RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt) => {
                Self::Long(as_type(&DataType::Int64)?.as_primitive().clone())
            }
            Some(RedshiftType::Real | RedshiftType::Double) => {
                Self::Double(as_type(&DataType::Float64)?.as_primitive().clone())
            }
            Some(RedshiftType::Varbyte(_)) => Self::Blob(as_type(&DataType::Binary)?.as_binary().clone()),
            _ => Self::Text(text_of(array, style)?),
        })
    }

    fn write_json(&self, row: usize, out: &mut String) {
        let (kind, value) = match self {
            Self::Boolean(values) if values.is_valid(row) => ("booleanValue", values.value(row).to_string()),
            Self::Long(values) if values.is_valid(row) => ("longValue", values.value(row).to_string()),
            Self::Double(values) if values.is_valid(row) => ("doubleValue", double(values.value(row))),
            Self::Blob(values) if values.is_valid(row) => {
                ("blobValue", format!("\"{}\"", BASE64.encode(values.value(row))))
            }
            Self::Text(values) if values.is_valid(row) => {
                ("stringValue", serde_json::Value::from(values.value(row)).to_string())
            }
            _ => ("isNull", "true".to_owned()),
        };
        out.extend(["{\"", kind, "\":", &value, "}"]);
    }
}

/// JSON has no number for these; the API's clients read their names.
fn double(value: f64) -> String {
    match value {
        value if value.is_nan() => "\"NaN\"".to_owned(),
        f64::INFINITY => "\"Infinity\"".to_owned(),
        f64::NEG_INFINITY => "\"-Infinity\"".to_owned(),
        value => serde_json::Value::from(value).to_string(),
    }
}

/// Writes rows to pages: as JSON the records without the brackets around them; as CSV RFC 4180 with a header on
/// the first page, NULL as nothing and empty text in quotes.
pub(crate) struct Writer {
    format: ResultFormat,
    style: TextStyle,
    /// The page that is being written.
    pub(crate) page: String,
}

impl Writer {
    pub(crate) fn new(format: ResultFormat, style: TextStyle, schema: &SchemaRef) -> Self {
        let page = match format {
            ResultFormat::Json => String::new(),
            ResultFormat::Csv => {
                let names: Vec<_> = schema.fields().iter().map(|field| csv_field(field.name())).collect();
                names.join(",") + "\r\n"
            }
        };
        Self { format, style, page }
    }

    /// The columns of a batch.
    ///
    /// # Errors
    /// A column is of a type that cannot be written.
    pub(crate) fn columns(&self, batch: &RecordBatch) -> Result<Vec<Column>, SqlError> {
        let columns = batch.columns().iter().zip(batch.schema_ref().fields());
        match self.format {
            ResultFormat::Json => {
                columns.map(|(array, field)| Column::new(array, field, &self.style)).collect()
            }
            ResultFormat::Csv => {
                columns.map(|(array, _)| text_of(array, &self.style).map(Column::Text)).collect()
            }
        }
    }

    pub(crate) fn row(&mut self, columns: &[Column], row: usize) {
        let page = &mut self.page;
        if self.format == ResultFormat::Json {
            page.push_str(if page.is_empty() { "[" } else { ",[" });
        }
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                page.push(',');
            }
            match (self.format, column) {
                (ResultFormat::Json, column) => column.write_json(row, page),
                (ResultFormat::Csv, Column::Text(texts)) if texts.is_valid(row) => {
                    page.push_str(&csv_field(texts.value(row)));
                }
                (ResultFormat::Csv, _) => {}
            }
        }
        page.push_str(if self.format == ResultFormat::Json { "]" } else { "\r\n" });
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use super::{double, type_name};

    #[test]
    fn types_have_the_names_of_pg_type() {
        for (name, short) in [
            ("character varying(256)", "varchar"),
            ("character varying", "varchar"),
            ("numeric(18,0)", "numeric"),
            ("numeric", "numeric"),
            ("timestamp without time zone", "timestamp"),
            ("time with time zone", "timetz"),
            ("character(3)", "bpchar"),
            ("character", "bpchar"),
            ("double precision", "float8"),
            ("binary varying", "varbyte"),
            ("super", "super"),
        ] {
            assert_eq!(name.parse().map(|data_type: RedshiftType| type_name(data_type)), Ok(short), "{name}");
        }
    }

    #[test]
    fn numbers_that_json_has_not_are_texts() {
        assert_eq!((double(1.5), double(f64::NAN)), ("1.5".to_owned(), "\"NaN\"".to_owned()));
    }
}
