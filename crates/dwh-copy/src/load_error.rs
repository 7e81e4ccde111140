use std::sync::Arc;

use dwh_common::RedshiftType;

/// Error codes of `stl_load_errors` (RS 2.3).
pub mod code {
    /// A record of a text file has more fields than there are columns.
    pub const EXTRA_COLUMNS: i32 = 1202;
    /// A line of fixed-width fields has fewer of them than there are columns.
    pub const FEWER_COLUMNS: i32 = 1203;
    /// Value out of range for its type, text longer than its column.
    pub const OUT_OF_RANGE: i32 = 1204;
    /// No date.
    pub const DATE: i32 = 1205;
    /// No timestamp or time.
    pub const TIMESTAMP: i32 = 1206;
    /// No digit where one must be.
    pub const DIGIT: i32 = 1207;
    /// No floating-point number.
    pub const FLOAT: i32 = 1208;
    /// No boolean.
    pub const BOOLEAN: i32 = 1210;
    /// A line holds no data.
    pub const NO_DATA: i32 = 1211;
    /// NULL for a NOT NULL column.
    pub const NOT_NULL: i32 = 1213;
    /// A record of a text file has fewer fields than there are columns, or its quotes are wrong.
    pub const DELIMITER: i32 = 1214;
    /// Invalid input line: JSON structure, JSONPath mismatch, integer overflow (RS 10.1).
    pub const STRUCTURE: i32 = 1216;
    /// NUL beside other characters, where NULL AS is NUL.
    pub const NUL: i32 = 1218;
    /// Invalid UTF-8, or multi-byte characters for CHAR.
    pub const UTF8: i32 = 1220;
    /// The object is not in the ENCODING of the statement.
    pub const ENCODING: i32 = 1221;
    /// No JSON for SUPER.
    pub const SUPER: i32 = 1224;
    /// A PARQUET or ORC file that does not fit the table, or is damaged.
    pub const SPECTRUM_SCAN: i32 = 15007;
}

/// The most bytes kept of a raw line or field, as in `stl_load_errors`.
pub(crate) const MAX_RAW_BYTES: usize = 1024;

/// One rejected record, as in `stl_load_errors` (RS 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// Object, `s3://…` or absolute path.
    pub url: Arc<str>,
    /// The decode thread that met it, from 0: a slice of the warehouse.
    pub slice: i32,
    /// 1-based; the last line of the offending JSON value.
    pub line_number: i64,
    /// The failing column; `None` for errors of the whole record.
    pub column: Option<ColumnInfo>,
    /// Byte offset of the fault in the field, or in the record if there is no column.
    pub position: i32,
    /// The record as read, at most 1024 bytes.
    pub raw_line: String,
    /// The failing field as text before conversion, at most 1024 bytes.
    pub raw_field_value: String,
    /// One of [`code`].
    pub code: i32,
    /// Redshift's reason text.
    pub reason: String,
    /// The fields up to and including the failing one, for `stl_loaderror_detail`.
    pub fields: Vec<FieldDetail>,
}

/// Name and type of a column in a load error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// Short type name, for example `int4`.
    pub type_name: &'static str,
    /// Declared length in bytes, if the type has one.
    pub length: Option<u32>,
}

impl ColumnInfo {
    pub(crate) fn new(name: &str, data_type: RedshiftType) -> Self {
        Self { name: name.to_owned(), type_name: data_type.short_name(), length: data_type.length_bytes() }
    }
}

/// One row of `stl_loaderror_detail` (RS 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDetail {
    /// 0-based position in the column list.
    pub index: usize,
    /// Column.
    pub column: ColumnInfo,
    /// The field as text; empty when it is NULL.
    pub value: String,
    /// Whether the field is NULL.
    pub is_null: bool,
}

/// At most [`MAX_RAW_BYTES`] of `bytes` as text, cut at a character; what is not UTF-8 shows as U+FFFD.
pub(crate) fn raw_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_RAW_BYTES)]);
    let cut = text.floor_char_boundary(MAX_RAW_BYTES);
    let cut_character = bytes.len() > MAX_RAW_BYTES && text.ends_with('\u{FFFD}');
    if cut_character { text.trim_end_matches('\u{FFFD}').to_owned() } else { text[..cut].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{MAX_RAW_BYTES, raw_text};

    #[test]
    fn raw_text_is_cut_at_a_whole_character() {
        let line = format!("{}é tail", "x".repeat(MAX_RAW_BYTES - 1));
        assert_eq!(raw_text(line.as_bytes()), "x".repeat(MAX_RAW_BYTES - 1));
        assert_eq!(raw_text(b"caf\xe9"), "caf\u{FFFD}");
    }

    #[test]
    fn raw_text_never_grows_past_its_limit() {
        assert!(raw_text(&[0xff; 2000]).len() <= MAX_RAW_BYTES);
    }
}
